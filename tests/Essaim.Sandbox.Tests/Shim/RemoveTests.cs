namespace Essaim.Sandbox.Tests;

public sealed class RemoveTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Remove_FolderDeeperThanAnyPath_LeavesNothing()
    {
        string top = Directory.CreateTempSubdirectory().FullName;
        string outside = Path.Combine(Path.GetTempPath(), "kept-" + Guid.NewGuid().ToString("N"));
        File.WriteAllText(outside, "kept");
        await Tool.RunAsync("/usr/bin/python3", "-c", $"""
            import os
            os.chdir("{top}")
            os.symlink("{outside}", "link")
            os.symlink("/", "root")
            for n in range(3000):
                os.mkdir("d" * 50)
                open("file", "w").close()
                os.chdir("d" * 50)
            os.chmod(".", 0)
            """);

        bool gone = await ShimProgram.RemoveAsync(sandbox.Executor.Kit, top, TestContext.Current.CancellationToken);

        Assert.True(gone);
        Assert.False(Directory.Exists(top));
        Assert.Equal("kept", File.ReadAllText(outside));
        File.Delete(outside);
    }

    [Fact]
    public async Task Collect_UserOtherThanTheRuns_IsSkipped()
    {
        string from = Directory.CreateTempSubdirectory().FullName;
        string to = Directory.CreateTempSubdirectory().FullName;
        File.WriteAllText(Path.Combine(from, "file"), "x");

        (IReadOnlyList<Artifact> files, IReadOnlyList<SkippedEntry> skipped) = await ShimProgram.CollectAsync(
            sandbox.Executor.Kit, from, to, 4242, new RunLimits(), TestContext.Current.CancellationToken);

        Assert.Empty(files);
        Assert.Equal([new SkippedEntry("file", "it belongs to another user")], skipped);
        Directory.Delete(from, recursive: true);
        Directory.Delete(to, recursive: true);
    }
}
