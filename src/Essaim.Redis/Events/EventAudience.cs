namespace Essaim.Redis;

/// <summary>
/// Whether anybody listens to task events, so that a worker nobody watches need not make them. It is asked of Redis again and again
/// while there are events; until an answer is there, and when it is old, somebody may be listening. Who begins to listen asks the workers for
/// a heartbeat, as Celery's listeners do, and its publication tells it at once. Safe on all threads.
/// </summary>
internal sealed class EventAudience(RedisClient client, TimeProvider time, string channel)
{
    private static readonly TimeSpan Trusted = TimeSpan.FromMilliseconds(250);
    private volatile bool _isThere = true;
    private long _learnedAt;
    private int _asking;

    /// <summary>True while somebody listens, or may. Cheap.</summary>
    public bool IsThere
    {
        get
        {
            long learnedAt = Volatile.Read(ref _learnedAt);
            bool trusted = learnedAt != 0 && time.GetElapsedTime(learnedAt) < Trusted;
            if (!trusted && Interlocked.CompareExchange(ref _asking, 1, 0) == 0)
                _ = AskAsync();
            return _isThere || !trusted;
        }
    }

    /// <summary>Somebody heard an event.</summary>
    public void Heard() => Learn(true);

    private async Task AskAsync()
    {
        try
        {
            ValueTask<RespReply> patterns = client.SendAsync(new RespCommand("PUBSUB", idempotent: true).Add("NUMPAT"u8), default);
            ValueTask<RespReply> channels = client.SendAsync(
                new RespCommand("PUBSUB", idempotent: true).Add("CHANNELS"u8).Add(GlobText.Escape(channel) + "/*"), default);
            Learn((await patterns).AsInteger() > 0 | (await channels).AsTexts().Length > 0);
        }
        catch (Exception unknown) when (unknown is not OutOfMemoryException)
        {
            // Whatever is wrong, whoever publishes will say so.
            Learn(true);
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    private void Learn(bool isThere)
    {
        _isThere = isThere;
        Volatile.Write(ref _learnedAt, Math.Max(1, time.GetTimestamp()));
    }
}
