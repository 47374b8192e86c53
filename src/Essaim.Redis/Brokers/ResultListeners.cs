namespace Essaim.Redis;

/// <summary>
/// How a settlement learns who listens for results. To list all channels of results costs by their number, to ask for each costs by the
/// number of results; both are right, so what was seen last says which is cheaper. Safe on all threads.
/// </summary>
internal sealed class ResultListeners
{
    private const int Few = 256;
    private const int AskedBeforeListedAgain = 1000;
    private int _ask;

    /// <summary>The pattern of the channels to list; empty: ask for each.</summary>
    public string Channels(RedisKeys keys) => Volatile.Read(ref _ask) > 0 && Interlocked.Decrement(ref _ask) >= 0 ? "" : keys.ResultChannels;

    /// <summary>Learns how many channels were listed; -1: they were not.</summary>
    public void Learn(long listed)
    {
        if (listed > Few)
            Volatile.Write(ref _ask, AskedBeforeListedAgain);
    }
}
