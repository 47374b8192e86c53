namespace Essaim.Edge;

/// <summary>Feeds a watchdog when every loop that matters has turned since it was fed last: one that hangs starves it. Safe on all threads.</summary>
/// <param name="loops">Names of the loops.</param>
/// <param name="feed">Feeds it.</param>
internal sealed class Watchdog(IReadOnlyCollection<string> loops, Action feed)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _missing = [.. loops];

    /// <summary>A loop has turned.</summary>
    public void Turn(string loop)
    {
        lock (_gate)
        {
            _missing.Remove(loop);
            if (_missing.Count > 0)
                return;
            _missing.UnionWith(loops);
        }

        feed();
    }
}
