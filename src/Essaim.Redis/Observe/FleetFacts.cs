namespace Essaim.Redis;

/// <summary>A fleet at one moment, as Redis shows it.</summary>
/// <param name="Server">The server itself.</param>
/// <param name="Queues">Known queues, by name.</param>
/// <param name="QueuesLeftOut">True where there are more bindings than were looked through.</param>
/// <param name="Unacknowledged">Messages Python workers hold.</param>
/// <param name="OldestUnacknowledged">How long the oldest of them has been held; null where there is none.</param>
/// <param name="Held">Messages Essaim's workers hold.</param>
/// <param name="Delayed">Messages that wait for their time.</param>
/// <param name="DeadLetters">Dead letters.</param>
internal sealed record FleetFacts(
    ServerFacts Server, IReadOnlyList<QueueFacts> Queues, bool QueuesLeftOut, long Unacknowledged, TimeSpan? OldestUnacknowledged, long Held, long Delayed,
    long DeadLetters);

/// <summary>A queue's four lists.</summary>
/// <param name="Name">The queue.</param>
/// <param name="Lengths">Messages ready in the priority steps 0, 3, 6 and 9; 0 is served first.</param>
internal sealed record QueueFacts(string Name, IReadOnlyList<long> Lengths)
{
    public long Ready => Lengths.Sum();
}

/// <summary>What INFO says.</summary>
/// <param name="Version">Such as <c>7.0.15</c>.</param>
/// <param name="UsedMemory">Bytes.</param>
/// <param name="MaxMemory">Bytes; 0: no limit.</param>
/// <param name="OperationsPerSecond">Commands in the last second.</param>
/// <param name="ConnectedClients">Connections.</param>
internal sealed record ServerFacts(string Version, long UsedMemory, long MaxMemory, long OperationsPerSecond, long ConnectedClients)
{
    public static ServerFacts Parse(string info)
    {
        Dictionary<string, string> values = [];
        foreach (string line in info.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[0] != '#')
                values[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return new ServerFacts(
            values.GetValueOrDefault("redis_version") ?? "", Number("used_memory"), Number("maxmemory"), Number("instantaneous_ops_per_sec"),
            Number("connected_clients"));

        long Number(string name) => long.TryParse(values.GetValueOrDefault(name), out long value) ? value : 0;
    }
}
