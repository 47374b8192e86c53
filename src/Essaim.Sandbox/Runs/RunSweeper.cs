using System.Text.Json;

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
            // What is gone meanwhile is as old as can be.
            if (folder.IsHeld || now - Directory.GetLastWriteTimeUtc(path) < Kept || !Directory.Exists(path))
                continue;
            if (executor.Find(folder.Id) is { } run)
                await run.RemoveAsync(cancellationToken);
            else
                await ShimProgram.RemoveAsync(executor.Kit, path, cancellationToken);
            removed++;
        }

        // In the order in which a slot goes: its groups, its place in the pool, its run.
        string[] ids = [.. executor.Groups.Ids()];
        IReadOnlySet<string> waiting = await WarmPool.SweepAsync(executor, cancellationToken);
        string[] alone = [.. ids.Where(id => !waiting.Contains(id) && !Directory.Exists(Path.Combine(executor.RunsFolder, id)))];
        if (alone.Length > 0)
        {
            // A run that was begun warm has the groups of its slot.
            HashSet<string> taken = GroupsOfRuns();
            foreach (RunGroup group in alone.Select(executor.Groups.Reopen).Where(group => !group.Folders.Any(taken.Contains)))
                group.TryRemove();
        }

        return removed;
    }

    private HashSet<string> GroupsOfRuns()
    {
        HashSet<string> groups = [];
        foreach (RunFolder folder in Directory.EnumerateDirectories(executor.RunsFolder).Select(path => new RunFolder(path)).Where(folder => folder.Exists))
        {
            try
            {
                groups.UnionWith(folder.ReadFacts().Groups);
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or JsonException)
            {
                // It was removed while we looked, or is being written: then it was begun cold, and its groups are called as it is.
            }
        }

        return groups;
    }
}
