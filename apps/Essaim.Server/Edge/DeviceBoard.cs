using Essaim.Edge;

namespace Essaim.Server;

/// <summary>What a device says of itself now. <c>Seen</c>: something of it was heard, were it only what the broker had kept.</summary>
internal sealed record DeviceSight(DeviceStatus Status, string? Reason, DateTimeOffset? HeardAt, string? Firmware, int Open, double? Temperature, string? Clock, bool Seen)
{
    public static DeviceSight Unknown { get; } = new(DeviceStatus.Checking, null, null, null, 0, null, null, false);
}

/// <summary>What is known of the devices that are registered, by what they were heard to say. Safe on all threads.</summary>
internal sealed class DeviceBoard(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Known> _devices = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The broker can be reached.</summary>
    public bool IsLinked { get; private set; }

    /// <summary>Why it cannot; null where it can.</summary>
    public string? LinkError { get; private set; }

    /// <summary>Sets which devices there are.</summary>
    public void SetRegistered(IEnumerable<string> ids)
    {
        lock (_gate)
        {
            HashSet<string> wanted = [.. ids];
            foreach (string gone in _devices.Keys.Except(wanted).ToList())
                _devices.Remove(gone);
            foreach (string added in wanted.Except(_devices.Keys).ToList())
                _devices.Add(added, new Known(new DevicePresence(time)));
        }

        Changed();
    }

    public bool IsRegistered(string id)
    {
        lock (_gate)
            return _devices.ContainsKey(id);
    }

    public DeviceSight Sight(string id)
    {
        lock (_gate)
        {
            return _devices.TryGetValue(id, out Known? known)
                ? new DeviceSight(known.Presence.Status, known.Presence.Reason, known.Presence.HeardAt, known.Firmware, known.Open, known.Temperature, known.Clock, known.Seen)
                : DeviceSight.Unknown;
        }
    }

    /// <summary>The link to the broker came or went: all presence begins anew.</summary>
    public void SetLink(string? error)
    {
        lock (_gate)
        {
            (IsLinked, LinkError) = (error is null, error);
            foreach (Known known in _devices.Values)
                known.Presence.Check();
        }

        Changed();
    }

    public void Hear(string id, DeviceState state, bool isRetained) => Update(id, known =>
    {
        known.Presence.Hear(state, isRetained);
        if (state.State == DeviceState.Online)
            (known.Firmware, known.Open) = (state.Firmware, state.Open ?? 0);
    });

    public void Hear(string id, SlotHeartbeat heartbeat) => Update(id, known =>
    {
        known.Presence.Hear(heartbeat);
        (known.Open, known.Temperature, known.Clock) = (heartbeat.Open, heartbeat.Temperature, heartbeat.Clock);
    });

    public void HearAny(string id) => Update(id, known => known.Presence.HearAny());

    /// <summary>Lets silence count.</summary>
    public void Tick()
    {
        bool changed = false;
        lock (_gate)
        {
            foreach (Known known in _devices.Values)
                changed |= known.Presence.Tick();
        }

        if (changed)
            Changed();
    }

    /// <summary>Ends when something has changed since it was called.</summary>
    public Task ChangedAsync() => Volatile.Read(ref _changed).Task;

    /// <summary>Something that viewers see has changed.</summary>
    public void Changed() => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private void Update(string id, Action<Known> update)
    {
        lock (_gate)
        {
            if (!_devices.TryGetValue(id, out Known? known))
                return;
            known.Seen = true;
            update(known);
        }

        Changed();
    }

    private sealed class Known(DevicePresence presence)
    {
        public DevicePresence Presence => presence;

        public string? Firmware { get; set; }

        public int Open { get; set; }

        public double? Temperature { get; set; }

        public string? Clock { get; set; }

        public bool Seen { get; set; }
    }
}
