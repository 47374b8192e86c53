namespace Essaim.Edge;

/// <summary>How long to wait before the next attempt: 0.1 s, then twice as long each time with half of it up or down, 3 s at most; 30 s where a person has to act first.</summary>
/// <param name="random">Keeps many devices from coming at once.</param>
internal sealed class MqttBackoff(Random random)
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_mostForAPerson = TimeSpan.FromSeconds(30);
    private int _failures;

    /// <summary>The wait after an attempt or a connection that ended so.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="lasted">How long it had stood; zero where it never did.</param>
    public TimeSpan Next(MqttReason reason, TimeSpan lasted)
    {
        // One that stood for a moment only is no success: two devices of one id would throw each other out ten times a second.
        if (lasted >= TimeSpan.FromSeconds(5))
            _failures = 0;
        TimeSpan most = reason.NeedsAPerson() ? s_mostForAPerson : s_most;
        double grown = s_first.TotalSeconds * Math.Pow(2, Math.Min(_failures++, 20));
        // Jitter stays below the limit: so is the wait promised.
        double seconds = Math.Min(grown, most.TotalSeconds / 1.5) * (0.5 + random.NextDouble());
        return TimeSpan.FromSeconds(seconds);
    }
}
