namespace Essaim.Sandbox.Tests;

/// <summary>Workers are root on some machines and anybody on others; the walls are the same, made without any right.</summary>
public sealed class OtherUserTests(SandboxFixture sandbox)
{
    private const string User = "61234";

    [Fact]
    public async Task Suites_AsAUserWithoutRights_HoldToo()
    {
        _ = sandbox.Executor;
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "These tests run without rights already.");
        Assert.SkipUnless(Machine.FirstClosed(AppContext.BaseDirectory) is null, "Other users cannot reach this folder.");
        string home = Directory.CreateTempSubdirectory("essaim-home-").FullName;
        await Tool.RunAsync("chown", User, home);

        (int code, string output, _) = await Tool.RunAsync(
            "setpriv", "--reuid", User, "--regid", User, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "env", "-i", "CI=true", "HOME=" + home, "PATH=/usr/bin:/bin",
            "DOTNET_ROOT=" + Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
            Environment.ProcessPath!, "-noColor", "-class", typeof(HostileTests).FullName!, "-class", typeof(OrdinaryTests).FullName!, "-class", typeof(EndTests).FullName!,
            "-class", typeof(WarmHostileTests).FullName!, "-class", typeof(WarmOrdinaryTests).FullName!, "-class", typeof(WarmPoolTests).FullName!, "-class", typeof(WarmLifeTests).FullName!);

        Assert.True(code == 0, output);
        Assert.DoesNotContain("Total: 0", output, StringComparison.Ordinal);
        Assert.Contains("Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
        Directory.Delete(home, recursive: true);
    }
}
