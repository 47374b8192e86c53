namespace Essaim.Sandbox.Tests;

/// <summary>A sandbox folder of one test's own, where nobody else takes its slots.</summary>
internal sealed class OwnFolder : IAsyncDisposable
{
    private OwnFolder(BubblewrapExecutor executor) => Executor = executor;

    public BubblewrapExecutor Executor { get; }

    public static OwnFolder Create(SandboxFixture sandbox, string python = "/usr/bin/python3")
    {
        // Skips, or fails, where there is no sandbox.
        _ = sandbox.Executor;
        string folder = Path.Combine(Path.GetTempPath(), "essaim-own-" + Guid.NewGuid().ToString("N"));
        return new OwnFolder(BubblewrapExecutor.Open(new SandboxOptions { Folder = folder, Python = python }, TimeProvider.System));
    }

    public static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>No slot, no run, no group, no process: waits until it is so.</summary>
    public async Task UntilGoneAsync()
    {
        await UntilAsync(() => !Directory.EnumerateDirectories(Path.Combine(Executor.Options.Folder, "warm")).SelectMany(Directory.EnumerateDirectories).Any());
        await UntilAsync(() => !Executor.Groups.Ids().Any());
        await UntilAsync(() => !Runs.CommandLines().Any(line => line.Contains(Executor.Options.Folder, StringComparison.Ordinal)));
        Assert.Empty(Directory.EnumerateDirectories(Executor.RunsFolder));
    }

    public async ValueTask DisposeAsync()
    {
        new WarmPool(Executor).Empty();
        await UntilAsync(() => !Executor.Groups.Ids().Any() && !Runs.CommandLines().Any(line => line.Contains(Executor.Options.Folder, StringComparison.Ordinal)));
        Directory.Delete(Executor.Options.Folder, recursive: true);
    }
}
