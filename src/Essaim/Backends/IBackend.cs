using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Everything one URL opens: broker, results, events, control, configuration, schedules, steps, blobs, logs of tasks.</summary>
public interface IBackend : IAsyncDisposable
{
    /// <summary>The URL without its password, for logs and health.</summary>
    string DisplayUrl { get; }

    /// <summary>
    /// The clock by which the broker judges due times, expiry and leases; on one machine the machine's own. Wall-clock decisions of clients,
    /// workers and beat go by it, so that a machine whose clock is wrong decides as the others do. Never throws.
    /// </summary>
    TimeProvider Clock { get; }

    /// <summary>Messages.</summary>
    IBroker Broker { get; }

    /// <summary>Results.</summary>
    IResultStore Results { get; }

    /// <summary>Events.</summary>
    IEventBus Events { get; }

    /// <summary>Remote control.</summary>
    IControlBus Control { get; }

    /// <summary>Configuration.</summary>
    IConfigStore Configuration { get; }

    /// <summary>Schedules.</summary>
    IScheduleStore Schedules { get; }

    /// <summary>Recorded steps of tasks.</summary>
    IStepStore Steps { get; }

    /// <summary>Contents too large or too shared for a message.</summary>
    IBlobStore Blobs { get; }

    /// <summary>Logs of tasks.</summary>
    ITaskLogStore Logs { get; }

    /// <summary>Checks that it answers and can be written to. Throws nothing; says what is wrong and what to do.</summary>
    ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken);
}

/// <summary>How a backend is.</summary>
/// <param name="Healthy">It answers and can be written to.</param>
/// <param name="Detail">Version and size, or what is wrong and what to do.</param>
public sealed record BackendHealth(bool Healthy, string Detail);

/// <summary>What a backend is given when it is opened.</summary>
/// <param name="Time">Clock.</param>
/// <param name="Logging">Logger factory.</param>
public sealed record BackendContext(TimeProvider Time, ILoggerFactory Logging)
{
    /// <summary>
    /// Open it also while its server does not answer: calls then wait for the server, and fail as they do when it goes away later. A wrong URL
    /// and a refused password are errors all the same. Default false. A backend without a server knows no such time.
    /// </summary>
    public bool MayBeAway { get; init; }
}

/// <summary>Opens backends of certain URL schemes. Found through <see cref="BackendFactoryAttribute"/>.</summary>
public interface IBackendFactory
{
    /// <summary>Opens (and creates, where that is the backend's way) what <paramref name="url"/> names.</summary>
    /// <exception cref="EssaimException">It cannot be opened; the text says why and what to do.</exception>
    ValueTask<IBackend> OpenAsync(string url, BackendContext context, CancellationToken cancellationToken);
}

/// <summary>On an assembly: which factory serves which URL schemes.</summary>
/// <param name="factory">A type with a public parameterless constructor that implements <see cref="IBackendFactory"/>.</param>
/// <param name="schemes">Schemes without colon, such as <c>sqlite</c>.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class BackendFactoryAttribute(Type factory, params string[] schemes) : Attribute
{
    /// <summary>The factory.</summary>
    public Type Factory { get; } = factory;

    /// <summary>Its schemes.</summary>
    public IReadOnlyList<string> Schemes { get; } = schemes;
}
