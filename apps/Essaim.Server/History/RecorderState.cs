namespace Essaim.Server;

/// <summary>How a recorder is doing, for health. Safe on all threads.</summary>
internal sealed class RecorderState(TimeProvider time)
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _failingSince;
    private string? _error;

    /// <summary>True while it reads what had gathered before, not what happens now.</summary>
    public bool IsCatchingUp { get; set; }

    /// <summary>Since when it fails and why; null while it works.</summary>
    public (DateTimeOffset Since, string Error)? Failure
    {
        get
        {
            lock (_gate)
                return _failingSince is { } since ? (since, _error!) : null;
        }
    }

    public void Succeed()
    {
        lock (_gate)
            _failingSince = null;
    }

    public void Fail(Exception error)
    {
        lock (_gate)
        {
            _failingSince ??= time.GetUtcNow();
            _error = error.Message;
        }
    }
}
