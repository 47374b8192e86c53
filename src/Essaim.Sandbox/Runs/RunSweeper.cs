namespace Essaim.Sandbox;

/// <summary>Removes what runs left whose worker never came back for them: folders without a shim, older than a day, and groups without a folder.</summary>
internal sealed class RunSweeper(IHeldExecutor executor)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>Looks once.</summary>
    /// <returns>How many runs were removed.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        int removed = 0;
        DateTimeOffset now = executor.Time.GetUtcNow();
        foreach (string path in Directory.EnumerateDirectories(executor.RunsFolder))
        {
            RunFolder folder = new(path);
            if (folder.IsHeld || now - Directory.GetLastWriteTimeUtc(path) < Kept)
                continue;
            if (executor.Find(folder.Id) is { } run)
                await run.RemoveAsync(cancellationToken);
            else
                await ShimProgram.RemoveAsync(executor.Kit, path, cancellationToken);
            removed++;
        }

        foreach (string id in executor.Groups.Ids().Where(id => !Directory.Exists(Path.Combine(executor.RunsFolder, id))).ToList())
            executor.Groups.Reopen(id).TryRemove();

        return removed;
    }
}
