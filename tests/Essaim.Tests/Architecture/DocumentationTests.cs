using System.Text.RegularExpressions;

namespace Essaim.Tests.Architecture;

public sealed partial class DocumentationTests
{
    [Fact]
    public void Readme_FirstProgram_IsTheSampleThatCompiles()
    {
        string program = File.ReadAllText(Path.Combine(Repository.Root, "samples/Hello/Program.cs"));

        Assert.Contains($"```csharp\n{program}```", File.ReadAllText(Path.Combine(Repository.Root, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_BetweenDocuments_LeadSomewhere()
    {
        IEnumerable<string> documents = Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Repository.Files("docs", "*.md")).Concat(Repository.Files("samples", "*.md"));
        IEnumerable<string> broken = documents.SelectMany(document => Link().Matches(File.ReadAllText(document))
            .Select(match => match.Groups[1].Value)
            .Where(target => !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target)))
            .Select(target => $"{Path.GetRelativePath(Repository.Root, document)} -> {target}"));

        Assert.Empty(broken);
    }

    [GeneratedRegex(@"\]\((?!https?:|#)([^)#\s]+)")]
    private static partial Regex Link();
}
