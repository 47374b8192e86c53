namespace Essaim;

/// <summary>Gathers the replies to one call. Safe on all threads.</summary>
internal sealed class ControlReplies(IReadOnlyList<string>? destination, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<ControlReply> _replies = [];
    private readonly Latch _news = new(time);

    public void Add(ControlReply reply)
    {
        lock (_gate)
            _replies.Add(reply);
        _news.Set();
    }

    /// <summary>Waits until every named node has answered, or the time is up.</summary>
    public async ValueTask<IReadOnlyList<ControlReply>> GatherAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            TimeSpan left = timeout - time.GetElapsedTime(start);
            lock (_gate)
            {
                if (left <= TimeSpan.Zero || IsComplete(destination, _replies))
                    return [.. _replies];
            }

            await _news.WaitAsync(left, cancellationToken);
        }
    }

    /// <summary>True where every node of <paramref name="destination"/> is among <paramref name="replies"/>; never where it is null.</summary>
    internal static bool IsComplete(IReadOnlyList<string>? destination, IReadOnlyList<ControlReply> replies) =>
        destination is not null && destination.All(node => replies.Any(reply => reply.Node == node));
}
