using System.Text.RegularExpressions;

namespace Essaim.Tests.Architecture;

public sealed partial class StyleTests
{
    private static readonly string[] ForbiddenFolders = ["Utils", "Helpers", "Common", "Models", "Interfaces", "Services"];

    [Fact]
    public void Folders_AreNamedByFeature()
    {
        IEnumerable<string> wrong = ProductFiles().Select(path => Path.GetFileName(Path.GetDirectoryName(path)!))
            .Distinct().Intersect(ForbiddenFolders);

        Assert.Empty(wrong);
    }

    [Fact]
    public void Files_StayUnderFourHundredLines()
    {
        IEnumerable<string> wrong = ProductFiles().Where(path => File.ReadLines(path).Count() > 400).Select(Relative);

        Assert.Empty(wrong);
    }

    [Fact]
    public void ErrorCodes_AreDocumented()
    {
        string documented = File.ReadAllText(Path.Combine(Repository.Root, "docs/errors.md"));
        IEnumerable<string> missing = ProductFiles()
            .SelectMany(path => ErrorCode().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value))
            .Distinct().Where(code => !documented.Contains(code, StringComparison.Ordinal)).Order();

        Assert.Empty(missing);
    }

    [Fact]
    public void LogEventIds_AreUnique()
    {
        IEnumerable<string> doubled = ProductFiles()
            .SelectMany(path => EventId().Matches(File.ReadAllText(path)).Select(match => (Id: match.Groups[1].Value, File: Relative(path))))
            .GroupBy(entry => entry.Id).Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(entry => entry.File))}");

        Assert.Empty(doubled);
    }

    private static IEnumerable<string> ProductFiles() => Repository.Files("src", "*.cs").Concat(Repository.Files("apps", "*.cs"));

    private static string Relative(string path) => Path.GetRelativePath(Repository.Root, path);

    [GeneratedRegex("\"(ESS[0-9]{4})\"")]
    private static partial Regex ErrorCode();

    [GeneratedRegex(@"LoggerMessage\(\s*(?:EventId\s*=\s*)?([0-9]+)")]
    private static partial Regex EventId();
}
