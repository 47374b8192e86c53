using System.Xml.Linq;

namespace Essaim.Tests.Architecture;

public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Essaim.Protocol"] = [],
        ["Essaim"] = ["Essaim.Protocol"],
        ["Essaim.Sqlite"] = ["Essaim"],
        ["Essaim.Redis"] = ["Essaim"],
        ["Essaim.Testing"] = ["Essaim"],
        ["Essaim.Storage"] = ["Essaim"],
        ["Essaim.Sandbox"] = ["Essaim"],
        ["Essaim.Edge"] = ["Essaim"],
        ["Essaim.Server"] = ["Essaim", "Essaim.Edge", "Essaim.Redis", "Essaim.Sqlite", "Essaim.Storage", "Essaim.Sandbox"],
        ["Essaim.Cli"] = ["Essaim.Server"],
    };

    [Fact]
    public void References_OfEveryProject_PointOneWay()
    {
        List<string> wrong = [];
        foreach (string path in Repository.Files("src", "*.csproj").Concat(Repository.Files("apps", "*.csproj")))
        {
            string project = Path.GetFileNameWithoutExtension(path);
            IEnumerable<string> references = XDocument.Load(path).Descendants("ProjectReference")
                .Select(element => Path.GetFileNameWithoutExtension(element.Attribute("Include")!.Value));
            wrong.AddRange(references.Except(Allowed[project]).Select(reference => $"{project} -> {reference}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Protocol_HasNoPackages()
    {
        XDocument project = XDocument.Load(Path.Combine(Repository.Root, "src/Essaim.Protocol/Essaim.Protocol.csproj"));

        Assert.Empty(project.Descendants("PackageReference"));
    }

    [Fact]
    public void Root_ShowsFewerThanTwentyEntries()
    {
        string[] generated = ["bin", "obj", "artifacts", "TestResults"];
        IEnumerable<string> entries = Directory.EnumerateFileSystemEntries(Repository.Root)
            .Select(Path.GetFileName).OfType<string>()
            .Where(name => !name.StartsWith('.') && !generated.Contains(name));

        Assert.InRange(entries.Count(), 1, 19);
    }
}
