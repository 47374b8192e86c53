namespace Essaim.Sandbox.Tests;

public sealed class EnvironmentCatalogTests
{
    private const string Digest = "sha256:00000000000000000000000000000000000000000000000000000000000000ab";

    [Fact]
    public void Parse_Declared_AreRead()
    {
        IReadOnlyList<SandboxEnvironment> found = EnvironmentCatalog.Parse(
            $"""
            solver:
              image: registry.example/team/solver@{Digest}
              runtime: runsc
              python: /opt/python/bin/python3
              needs: [numpy, scipy.linalg]
            old:
              executor: bubblewrap
              root: /srv/bullseye
            trusted: {"{executor: process}"}
            """,
            "e.yaml");

        Assert.Equal(["solver:Container", "old:Bubblewrap", "trusted:Process"], found.Select(one => $"{one.Name}:{one.Kind}"));
        Assert.Equal(($"registry.example/team/solver@{Digest}", "runsc", "/opt/python/bin/python3", "numpy scipy.linalg", "env.solver"), (found[0].Image, found[0].Runtime, found[0].Python, string.Join(' ', found[0].Needs), found[0].Label));
        Assert.Equal("/srv/bullseye", found[1].Root);
    }

    [Theory]
    [InlineData("Solver: {executor: process}", "e.yaml:1:1: 'Solver' cannot be the name of an environment. Use small letters, digits, dot, dash and underscore, 63 at most.")]
    [InlineData("a: process", "e.yaml:1:4: The environment 'a' is 'process'. Say below it what it is, such as 'executor: container'.")]
    [InlineData("a: {executor: chroot}", "e.yaml:1:15: That is no executor. It is bubblewrap, container or process.")]
    [InlineData("a: {executor: container}", "e.yaml:1:4: A container needs an image. Write 'executor: container' and 'image: name@sha256:…'.")]
    [InlineData("a: {executor: process, imagee: x}", "e.yaml:1:24: 'imagee' is no setting of an environment. Did you mean 'image'?")]
    [InlineData("a: {executor: bubblewrap, needs: numpy}", "e.yaml:1:34: 'needs' is no list of packages. Write it as [numpy, scipy].")]
    public void Parse_Mistakes_AreToldWithTheirPlace(string text, string message)
    {
        SandboxException refused = Assert.Throws<SandboxException>(() => EnvironmentCatalog.Parse(text, "e.yaml"));

        Assert.Equal(("ESS6035", message), (refused.Code, refused.Message));
    }

    [Fact]
    public void Parse_AnImageWithoutDigest_IsRefused() =>
        Assert.StartsWith("e.yaml:1:12: The image 'python:3' is not named by its digest.", Assert.Throws<SandboxException>(() => EnvironmentCatalog.Parse("a: {image: python:3}", "e.yaml")).Message, StringComparison.Ordinal);
}

/// <summary>Environments of this machine, each by its executor.</summary>
public sealed class SandboxEnvironmentsTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task BuiltIn_AreOfferedWhereTheirPackagesAre()
    {
        SandboxEnvironments environments = Of([.. SandboxEnvironment.BuiltIn, new SandboxEnvironment("lacking", ExecutorKind.Bubblewrap) { Needs = ["numpy", "not_there"] }]);

        ExecutorProof plain = await environments.ProveAsync("python", TestContext.Current.CancellationToken);
        ExecutorProof science = await environments.ProveAsync("python-sci", TestContext.Current.CancellationToken);
        ExecutorProof lacking = await environments.ProveAsync("lacking", TestContext.Current.CancellationToken);

        Assert.True(plain.Holds);
        Assert.True(science.Holds, string.Join(' ', science.Missing));
        Assert.Equal("the package 'not_there' is not in this environment. On Debian: apt-get install python3-numpy python3-not_there.", Assert.Single(lacking.Missing));
    }

    [Fact]
    public async Task Root_OfAnotherTree_IsWhatIsSeen()
    {
        // Another tree: this machine's /usr by another way, with an /etc of its own.
        string tree = Directory.CreateTempSubdirectory("essaim-tree-").FullName;
        File.SetUnixFileMode(tree, (UnixFileMode)0b111_101_101);
        foreach (string name in new[] { "bin", "lib", "lib64", "sbin" })
            File.CreateSymbolicLink(Path.Combine(tree, name), "usr/" + name);
        File.CreateSymbolicLink(Path.Combine(tree, "usr"), "/usr");
        Directory.CreateDirectory(Path.Combine(tree, "etc/alternatives"));
        File.WriteAllText(Path.Combine(tree, "etc/alternatives/of-this-tree"), "here");
        SandboxEnvironments environments = Of([new SandboxEnvironment("tree", ExecutorKind.Bubblewrap) { Root = tree + "/" }, new SandboxEnvironment("none", ExecutorKind.Bubblewrap) { Root = "/nowhere" }]);

        Assert.True((await environments.ProveAsync("tree", TestContext.Current.CancellationToken)).Holds);
        Outcome outcome = await environments.Open("tree").RunAsync("import os\nprint(open('/etc/alternatives/of-this-tree').read(), len(os.listdir('/etc/alternatives')))");
        ExecutorProof none = await environments.ProveAsync("none", TestContext.Current.CancellationToken);

        Assert.Equal("here 1\n", outcome.Out);
        Assert.Equal("/nowhere/usr/bin/python3 does not exist; functions are run by it. Install Python there, or name another folder (root).", Assert.Single(none.Missing));
        Directory.Delete(tree, recursive: true);
    }

    [Fact]
    public void Get_OneThatIsNot_TellsThoseThatAre()
    {
        SandboxException refused = Assert.Throws<SandboxException>(() => Of(SandboxEnvironment.BuiltIn).Get("solver"));

        Assert.Equal(("ESS6034", "There is no environment 'solver' on this machine. It has python, python-sci; others are declared in essaim.environments.yaml."), (refused.Code, refused.Message));
    }

    private SandboxEnvironments Of(IReadOnlyList<SandboxEnvironment> all) => new(all, sandbox.Executor.Options, TimeProvider.System);
}
