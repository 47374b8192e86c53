namespace Essaim;

/// <summary>Where the configuration in force comes from.</summary>
public enum ConfigurationOrigin
{
    /// <summary>Nothing was read yet, or nothing could be: the defaults hold.</summary>
    BuiltIn,

    /// <summary>The broker could not be read: a copy on this machine's disk holds.</summary>
    LastGood,

    /// <summary>What is published.</summary>
    Published,
}

/// <summary>
/// The configuration in force in this process. A <see cref="ConfigFollower"/> keeps it up to date; who needs a queue's definition or a route asks
/// it each time. Safe on all threads.
/// </summary>
public sealed class LiveConfiguration
{
    private volatile State _state = new(FleetConfiguration.BuiltIn, ConfigurationOrigin.BuiltIn, null, null);
    private int _generation;

    /// <summary>What holds now.</summary>
    public FleetConfiguration Current => _state.Configuration;

    /// <summary>Where it comes from.</summary>
    public ConfigurationOrigin Origin => _state.Origin;

    /// <summary>Why what is published is not followed: the broker is away, or what is there is damaged. Null: it is followed.</summary>
    public string? Trouble => _state.Trouble;

    /// <summary>Since when there is trouble.</summary>
    public DateTimeOffset? TroubleSince => _state.Since;

    /// <summary>True where <see cref="Trouble"/> is a document that was refused.</summary>
    public bool IsRefusing => _state.Refused;

    /// <summary>Called after another configuration has come into force, with the one before; on any thread, one call at a time.</summary>
    public event Action<FleetConfiguration, FleetConfiguration>? Changed;

    /// <summary>Differs whenever <see cref="Current"/> does.</summary>
    internal int Generation => Volatile.Read(ref _generation);

    internal void Apply(FleetConfiguration configuration, ConfigurationOrigin origin)
    {
        FleetConfiguration before = _state.Configuration;
        _state = new State(configuration, origin, null, null);
        if (ReferenceEquals(before, configuration))
            return;
        Interlocked.Increment(ref _generation);
        Changed?.Invoke(before, configuration);
    }

    /// <summary>What holds goes on holding. True where this trouble is new.</summary>
    internal bool Note(string trouble, bool refused, DateTimeOffset now)
    {
        State before = _state;
        _state = before with { Trouble = trouble, Refused = refused, Since = before.Since ?? now };
        return before.Trouble is null || before.Refused != refused;
    }

    private sealed record State(FleetConfiguration Configuration, ConfigurationOrigin Origin, string? Trouble, DateTimeOffset? Since, bool Refused = false);
}
