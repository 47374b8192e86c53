using System.Runtime.CompilerServices;

namespace Essaim;

/// <summary>Events in memory: a bounded log and those who read it.</summary>
internal sealed class InMemoryEventBus(TimeProvider time) : IEventBus
{
    private const int Kept = 100_000;
    private const int ReadAtOnce = 500;
    private readonly Lock _gate = new();
    private readonly Queue<EventRecord> _log = [];
    private readonly LatchSet _readers = new(time);
    private long _lastPosition;

    public bool IsHeard => true;

    public ValueTask PublishAsync(IReadOnlyList<EventRecord> events, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            foreach (EventRecord record in events)
                _log.Enqueue(record);
            _lastPosition += events.Count;
            while (_log.Count > Kept)
                _log.Dequeue();
        }

        _readers.SetAll();
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<EventEntry> SubscribeAsync(long? position, CancellationToken cancellationToken)
    {
        // "From now on" means from this call, not from the first step of the enumeration.
        lock (_gate)
            return ReadAsync(position ?? _lastPosition, cancellationToken);
    }

    private async IAsyncEnumerable<EventEntry> ReadAsync(long position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch news = _readers.Add();
        try
        {
            while (true)
            {
                foreach (EventEntry entry in ReadAfter(position))
                {
                    yield return entry;
                    position = entry.Position;
                }

                if (position >= Volatile.Read(ref _lastPosition))
                    await news.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            _readers.Remove(news);
        }
    }

    private List<EventEntry> ReadAfter(long position)
    {
        lock (_gate)
        {
            long first = _lastPosition - _log.Count + 1;
            long skip = Math.Max(0, position + 1 - first);
            return [.. _log.Skip((int)Math.Min(skip, int.MaxValue)).Take(ReadAtOnce).Select((record, i) => new EventEntry(first + skip + i, record))];
        }
    }
}
