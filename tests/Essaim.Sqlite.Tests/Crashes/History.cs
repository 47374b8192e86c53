namespace Essaim.Sqlite.Tests.Crashes;

/// <summary>What the killed writers said they did.</summary>
internal sealed class History
{
    public History(IReadOnlyList<(char Kind, string TaskId, long At)> lines)
    {
        PublishesBegun = [.. lines.Where(line => line.Kind == 'p').Select(line => line.TaskId)];
        Published = [.. lines.Where(line => line.Kind == 'P').Select(line => line.TaskId)];
        SettlesBegun = [.. lines.Where(line => line.Kind == 's').Select(line => line.TaskId)];
        Dictionary<string, long> settledAt = [];
        foreach ((_, string taskId, long at) in lines.Where(line => line.Kind == 'S'))
            Assert.True(settledAt.TryAdd(taskId, at), $"{taskId} was settled twice.");
        Settled = [.. settledAt.Keys];

        // The time of a claim is that before it was asked for; the clock is the machine's.
        ClaimedAfterSettled = [.. lines
            .Where(line => line.Kind == 'c' && settledAt.TryGetValue(line.TaskId, out long settled) && line.At > settled)
            .Select(line => line.TaskId)];
    }

    public HashSet<string> PublishesBegun { get; }

    public HashSet<string> Published { get; }

    public HashSet<string> SettlesBegun { get; }

    public HashSet<string> Settled { get; }

    public IReadOnlyList<string> ClaimedAfterSettled { get; }
}
