using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Before a worker is made: its source is read and offered, and what is published is read, for what only a start can take over.</summary>
internal static class FleetStart
{
    public const string FileVariable = "ESSAIM_CONFIG";
    public const string EnvironmentVariable = "ESSAIM_ENVIRONMENT";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The source of a program: the file that is named, else the one in this folder, else what the program itself declares; null: none.</summary>
    /// <exception cref="ConfigException">It has mistakes, or cannot be read.</exception>
    public static ConfigSource? FindSource(AppDefinition definition, string? file, string? environment)
    {
        file ??= NotEmpty(Environment.GetEnvironmentVariable(FileVariable));
        environment ??= NotEmpty(Environment.GetEnvironmentVariable(EnvironmentVariable));
        if (file is not null || File.Exists(file = ConfigSource.DefaultFile))
            return ConfigSource.Load(file, environment);
        return definition.Fleet is { } fleet ? ConfigSource.Of(definition.Name, fleet.Revision, definition.Queues, fleet.Routes, fleet.Settings) : null;
    }

    /// <summary>Brings the fleet's configuration into force for a worker to come. A broker that does not tell holds nothing up for long.</summary>
    public static async Task<LiveConfiguration> BeginAsync(ConfigSource? source, WorkerOptions options, IBackend backend, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        LiveConfiguration live = new();
        ILogger logger = logging.CreateLogger("Essaim.Configuration");
        try
        {
            if (source is not null)
            {
                ConfigPublisher publisher = new(backend.Configuration, WorkerNode.ExpandName(options.NodeName), logger);
                await publisher.OfferAsync(source, cancellationToken).AsTask().WaitAsync(Patience, TimeProvider.System, cancellationToken);
            }

            if (await backend.Configuration.ReadAsync(cancellationToken).AsTask().WaitAsync(Patience, TimeProvider.System, cancellationToken) is { } published)
                live.Apply(FleetConfiguration.Read(published), ConfigurationOrigin.Published);
        }
        catch (Exception failure) when (failure is EssaimException or TimeoutException)
        {
            // The follower says so, and keeps trying.
            live.Note(failure.Message, failure is ConfigException, TimeProvider.System.GetUtcNow());
        }

        ApplyAtStart(live.Current.Base, options);
        return live;
    }

    private static void ApplyAtStart(BaseSettings published, WorkerOptions options)
    {
        bool IsFree(string option) => !options.OnCommandLine.Contains(option);
        if (published.Pool is { } pool && IsFree(nameof(WorkerOptions.Pool)))
            options.Pool = pool;
        if (published.Concurrency is { } slots && IsFree(nameof(WorkerOptions.MaxConcurrency)))
            (options.MaxConcurrency, options.MinConcurrency) = (slots, slots);
        if (published.MaxMemoryPerChild is { } memory && IsFree(nameof(WorkerOptions.MaxMemoryPerChild)) && options.Pool == WorkerPool.Processes)
            options.MaxMemoryPerChild = memory;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
