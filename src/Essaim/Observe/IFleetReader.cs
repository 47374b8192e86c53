namespace Essaim;

/// <summary>A backend that can look at a whole fleet, Python's workers or Essaim's, without writing anything. Safe on all threads.</summary>
public interface IFleetReader
{
    /// <summary>Looks once.</summary>
    ValueTask<FleetReading> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A fleet at one moment.</summary>
/// <param name="Server">The server itself.</param>
/// <param name="Queues">Known queues, by name.</param>
/// <param name="QueuesLeftOut">True where there are more queues than were looked for.</param>
/// <param name="Unacknowledged">Messages Python workers hold.</param>
/// <param name="OldestUnacknowledged">How long the oldest of them has been held; null where there is none.</param>
/// <param name="Held">Claims of Essaim's workers; each is of one message or more.</param>
/// <param name="Delayed">Messages that wait for their time.</param>
/// <param name="DeadLetters">Dead letters.</param>
public sealed record FleetReading(
    FleetServer Server, IReadOnlyList<FleetQueue> Queues, bool QueuesLeftOut, long Unacknowledged, TimeSpan? OldestUnacknowledged, long Held, long Delayed,
    long DeadLetters);

/// <summary>A queue's messages.</summary>
/// <param name="Name">The queue.</param>
/// <param name="Lengths">Messages ready in the priority steps, the one served first in front.</param>
public sealed record FleetQueue(string Name, IReadOnlyList<long> Lengths)
{
    /// <summary>Messages ready in all steps.</summary>
    public long Ready => Lengths.Sum();
}

/// <summary>What the server says of itself.</summary>
/// <param name="Version">Such as <c>7.0.15</c>.</param>
/// <param name="UsedMemory">Bytes.</param>
/// <param name="MaxMemory">Bytes; 0: no limit.</param>
/// <param name="OperationsPerSecond">Commands in the last second.</param>
/// <param name="ConnectedClients">Connections.</param>
public sealed record FleetServer(string Version, long UsedMemory, long MaxMemory, long OperationsPerSecond, long ConnectedClients);
