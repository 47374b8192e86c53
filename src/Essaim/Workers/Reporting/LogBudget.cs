namespace Essaim;

/// <summary>
/// How much one task may log: 64 KiB at once, refilled at 64 KiB a second. What is over is counted, and the count is told
/// with the next line that passes. Safe on all threads.
/// </summary>
internal sealed class LogBudget(TimeProvider time)
{
    private const double BytesPerSecond = 64 * 1024;
    private readonly Lock _gate = new();
    private double _left = BytesPerSecond;
    private long _filledAt = time.GetTimestamp();
    private long _dropped;

    /// <summary>True where a line may pass.</summary>
    /// <param name="line">The line.</param>
    /// <param name="droppedBefore">Lines dropped since the last that passed.</param>
    public bool TryPass(string line, out long droppedBefore)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            _left = Math.Min(BytesPerSecond, _left + time.GetElapsedTime(_filledAt, now).TotalSeconds * BytesPerSecond);
            _filledAt = now;
            droppedBefore = 0;
            if (_left < line.Length)
            {
                _dropped++;
                return false;
            }

            _left -= line.Length;
            droppedBefore = _dropped;
            _dropped = 0;
            return true;
        }
    }

    /// <summary>Lines dropped and not told yet; told with this call.</summary>
    public long TakeDropped()
    {
        lock (_gate)
        {
            long dropped = _dropped;
            _dropped = 0;
            return dropped;
        }
    }
}
