namespace Essaim.Edge;

/// <summary>Whether a device is there.</summary>
internal enum DeviceStatus
{
    /// <summary>The core has just begun to listen: nothing is known yet.</summary>
    Checking,

    /// <summary>It was heard, not long ago.</summary>
    Online,

    /// <summary>It said good-bye, its connection ended, or it has been silent too long.</summary>
    Disconnected,
}

/// <summary>
/// Whether one slot is there. A kept <c>online</c> alone proves nothing: broker and slot may have died together. It is online when it is heard
/// now; it is disconnected by its will, by its good-bye, or by silence on the core's own clock. Not safe on several threads.
/// </summary>
internal sealed class DevicePresence(TimeProvider time)
{
    /// <summary>Three heartbeats.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private long _since = time.GetTimestamp();
    private string? _boot;
    private int? _session;

    public DeviceStatus Status { get; private set; }

    /// <summary>Why it is disconnected: <c>lost</c>, <c>shutdown</c>, <c>silent</c>; null otherwise.</summary>
    public string? Reason { get; private set; }

    /// <summary>When it was heard last, by the core's clock; null where never.</summary>
    public DateTimeOffset? HeardAt { get; private set; }

    /// <summary>The core has a new connection to its broker, or lost it: all begins anew.</summary>
    public bool Check()
    {
        _since = time.GetTimestamp();
        return Become(DeviceStatus.Checking, null);
    }

    /// <summary>A birth or a will. <paramref name="isRetained"/>: the broker had kept it.</summary>
    /// <returns>True where the status changed.</returns>
    public bool Hear(DeviceState state, bool isRetained)
    {
        if (state.State == DeviceState.Online)
        {
            (_boot, _session) = (state.Boot, state.Session);
            return !isRetained && Heard();
        }

        // The will of a connection that has been replaced since tells nothing of the present one.
        if (_boot is not null && (_boot != state.Boot || (_session is { } session && session != state.Session)))
            return false;
        return Become(DeviceStatus.Disconnected, state.Reason ?? DeviceState.Lost);
    }

    /// <summary>A heartbeat.</summary>
    /// <returns>True where the status changed.</returns>
    public bool Hear(SlotHeartbeat heartbeat)
    {
        if (_boot != heartbeat.Boot)
            (_boot, _session) = (heartbeat.Boot, null);
        return Heard();
    }

    /// <summary>Any other message that was published just now.</summary>
    /// <returns>True where the status changed.</returns>
    public bool HearAny() => Heard();

    /// <summary>Lets silence count.</summary>
    /// <returns>True where the status changed.</returns>
    public bool Tick() =>
        Status != DeviceStatus.Disconnected && time.GetElapsedTime(_since) >= Silence && Become(DeviceStatus.Disconnected, "silent");

    private bool Heard()
    {
        _since = time.GetTimestamp();
        HeardAt = time.GetUtcNow();
        return Become(DeviceStatus.Online, null);
    }

    private bool Become(DeviceStatus status, string? reason)
    {
        if (Status == status)
            return false;
        (Status, Reason) = (status, reason);
        return true;
    }
}
