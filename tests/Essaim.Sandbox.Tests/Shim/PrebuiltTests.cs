using System.Security.Cryptography;
using System.Text;

namespace Essaim.Sandbox.Tests;

/// <summary>What is shipped in binary form is what its sources make.</summary>
public sealed class PrebuiltTests
{
    private static readonly string[] Files = ["main.c", "run.c", "warm.c", "spec.c", "log.c", "processes.c", "tree.c", "hold.c", "channel.c", "disk.c", "shim.h", "child.h"];

    [Theory]
    [InlineData("linux-x64")]
    [InlineData("linux-arm64")]
    public void Shim_AsShipped_IsOfTheseSources(string machine)
    {
        byte[] sources = [.. Files.SelectMany(file => File.ReadAllBytes(Path.Combine(Tool.Sources, "Shim/source", file)))];
        string hash = Convert.ToHexStringLower(SHA256.HashData(sources));

        string shim = Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(Tool.Sources, "Shim", machine, "essaim-shim")));

        Assert.True(shim.Contains(hash, StringComparison.Ordinal), "The shim's sources have changed: run src/Essaim.Sandbox/Shim/build.sh.");
    }

    [Fact]
    public async Task Shim_BuiltAgain_IsTheSameBytes()
    {
        (int code, string version, _) = ToolChecks.Find("musl-gcc") is null ? (1, "", "") : await Tool.RunAsync("musl-gcc", "-dumpfullversion");
        Assert.SkipUnless(code == 0 && version.Trim() == "12.2.0" && Environment.Is64BitProcess && Kit.MachineName() == "x64", "The shim was built with Debian 12's musl-tools (gcc 12.2.0), on x64.");
        string folder = Directory.CreateTempSubdirectory().FullName;

        (code, _, string errors) = await Tool.RunAsync(Path.Combine(Tool.Sources, "Shim/build.sh"), folder);

        Assert.True(code == 0, errors);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Tool.Sources, "Shim/linux-x64/essaim-shim")), File.ReadAllBytes(Path.Combine(folder, "essaim-shim")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Filters_GeneratedAgain_AreTheSameBytes()
    {
        bool isHere = (await Tool.RunAsync("/usr/bin/python3", "-c", "import seccomp")).Code == 0;
        Assert.SkipUnless(isHere || Environment.GetEnvironmentVariable("CI") == "true", "python3-seccomp is not installed.");
        string folder = Directory.CreateTempSubdirectory().FullName;

        (int code, _, string errors) = await Tool.RunAsync("/usr/bin/python3", Path.Combine(Tool.Sources, "Seccomp/generate.py"), folder);

        Assert.True(code == 0, errors);
        foreach (string name in new[] { "x64.bpf", "x64-soft.bpf", "arm64.bpf", "arm64-soft.bpf", "container.json", "visor.json", "pod.json" })
            Assert.True(File.ReadAllBytes(Path.Combine(Tool.Sources, "Seccomp", name)).SequenceEqual(File.ReadAllBytes(Path.Combine(folder, name))), $"{name} differs: run src/Essaim.Sandbox/Seccomp/generate.py.");
        Directory.Delete(folder, recursive: true);
    }
}
