namespace Essaim.Sandbox.Tests;

/// <summary>A pod as the manifest describes it, made with podman: bubblewrap makes its walls in there, and only with the profile that is written for it.</summary>
[Collection(ContainerTestGroup.Name)]
public sealed class PodProfileTests(ContainerFixture containers)
{
    [Theory]
    [InlineData("pod.json", 0)]
    [InlineData("container.json", 1)]
    public async Task Bubblewrap_InAPod_NeedsTheProfileWrittenForIt(string profile, int expected)
    {
        ContainerExecutor executor = containers.Executor;

        (int code, string output, string errors) = await executor.Tool.RunAsync(
            TestContext.Current.CancellationToken,
            "run", "--rm", "--pull", "never", "--log-driver", "none", "--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "--security-opt", "seccomp=" + Path.Combine(Tool.Sources, "Seccomp", profile), "--security-opt", "unmask=ALL", "--user", "10001:10001",
            "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=600:600", "--volume", "/usr:/usr:ro", containers.Image,
            "/usr/bin/bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--new-session", "--die-with-parent", "--uid", "1000", "--gid", "1000", "--hostname", "task",
            "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--cap-drop", "ALL",
            "/usr/bin/python3", "-I", "-c", "import os; print(os.getuid(), sorted(os.listdir('/')))");

        Assert.True(code == expected, errors);
        if (expected == 0)
            Assert.Equal("1000 ['dev', 'lib', 'lib64', 'proc', 'tmp', 'usr']", output);
    }
}
