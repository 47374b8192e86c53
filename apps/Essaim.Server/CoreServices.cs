using Essaim.Sandbox;
using Essaim.Server.Web;
using Essaim.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Server;

/// <summary>What the core is made of.</summary>
internal static class CoreServices
{
    public static void AddCore(this IServiceCollection services, ServerOptions options, CoreFolder folder, AdminKey key, IBackend backend, IMetadataStore store)
    {
        services.AddSingleton(options);
        // A machine whose clock is wrong judges as the fleet does.
        TimeProvider clock = options.Time == TimeProvider.System ? backend.Clock : options.Time;
        services.AddSingleton(clock);
        services.AddSingleton(folder);
        services.AddSingleton(key);
        services.AddSingleton(backend);
        services.AddSingleton(store);
        LiveConfiguration live = new();
        services.AddSingleton(live);
        TaskClientOptions client = new() { Routes = options.Routes, DefaultQueue = options.DefaultQueue, Configuration = live, Time = clock, Logging = options.Logging };
        services.AddSingleton(client);
        services.AddSingleton(new TaskClient(backend, client));
        services.AddSingleton<CoreConfiguration>();
        services.AddSingleton<ConfigDrift>();
        // First: what others do at their start goes by it.
        services.AddHostedService(provider => provider.GetRequiredService<CoreConfiguration>());
        services.AddSingleton<TaskSignals>();
        services.AddSingleton<FeedSources>();
        services.AddSingleton<TaskSubmitter>();
        services.AddSingleton<IdempotentSubmitter>();
        services.AddSingleton<TaskCanceller>();
        services.AddSingleton<PurgedTasks>();
        services.AddSingleton<HealthReporter>();
        services.AddSingleton<CoreMetrics>();
        services.AddSingleton<MetricsReporter>();
        services.AddSingleton<EventEnabler>();
        services.AddSingleton<EventRecorder>();
        services.AddSingleton<CompletionRecorder>();
        services.AddHostedService(provider => provider.GetRequiredService<EventEnabler>());
        services.AddHostedService(provider => provider.GetRequiredService<EventRecorder>());
        services.AddHostedService(provider => provider.GetRequiredService<CompletionRecorder>());
        services.AddHostedService<HistoryPruner>();
        services.AddEdge(options.Edge);
        services.AddFunctions(options.Functions);
        services.AddWeb(folder);
        services.AddHostedService<BrokerSweeper>();
    }

    private static void AddFunctions(this IServiceCollection services, FunctionOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.Plan is not { } plan ? FunctionPlan.None : FunctionPlan.Read(plan) ?? throw new ServerException("ESS6053", $"'{plan}' is no plan of limits. {FunctionPlan.Advice}"));
        services.AddSingleton(provider => new SourceChecker(
            options.SandboxFolder is { } own ? new SandboxOptions { Folder = own } : new SandboxOptions(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<FunctionKeeper>();
        services.AddSingleton<FunctionPublisher>();
        services.AddSingleton<FunctionUse>();
        services.AddHostedService(provider => provider.GetRequiredService<FunctionKeeper>());
    }

    /// <summary>Devices and rounds. Without a broker they are kept all the same, and nobody is heard.</summary>
    private static void AddEdge(this IServiceCollection services, EdgeOptions? options)
    {
        services.AddSingleton(options ?? new EdgeOptions());
        services.AddSingleton<BrokerFiles>();
        services.AddSingleton<DeviceBoard>();
        services.AddSingleton<VoteTaker>();
        services.AddSingleton<DeviceHub>();
        services.AddSingleton<EdgeDesk>();
        if (options is null)
            return;
        services.AddHostedService(provider => provider.GetRequiredService<VoteTaker>());
        services.AddHostedService(provider => provider.GetRequiredService<DeviceHub>());
        if (options.RoundTask is not null)
            services.AddHostedService<RoundTaskSender>();
    }
}
