using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Adds tasks and the client to a service collection.</summary>
public static class EssaimServices
{
    /// <summary>
    /// Adds the task registry, the runner and, where <paramref name="url"/> is given or an <see cref="IBackend"/> is registered, a <see cref="TaskClient"/>.
    /// May be called several times.
    /// </summary>
    /// <param name="services">The collection.</param>
    /// <param name="url">Broker URL for the client, or null.</param>
    /// <param name="configure">Client options; <see cref="TaskClientOptions.Json"/> also holds for tasks.</param>
    public static IServiceCollection AddEssaim(this IServiceCollection services, string? url = null, Action<TaskClientOptions>? configure = null)
    {
        if (configure is not null)
            services.AddSingleton(new ClientConfiguration(configure));
        if (url is not null)
            services.AddSingleton(new ClientUrl(url));
        if (services.Any(service => service.ServiceType == typeof(TaskRegistryBuilder)))
            return services;

        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new TaskRegistryBuilder());
        services.TryAddSingleton(BuildOptions);
        services.TryAddSingleton(provider =>
        {
            TaskRegistryBuilder builder = provider.GetRequiredService<TaskRegistryBuilder>();
            builder.Json ??= provider.GetRequiredService<TaskClientOptions>().Json;
            return builder.Build(provider);
        });
        services.TryAddSingleton<LiveConfiguration>();
        services.TryAddSingleton(provider => new QueueRegistry(provider.GetServices<QueueDefinition>(), provider.GetRequiredService<LiveConfiguration>()));
        services.TryAddSingleton(BuildClient);
        services.TryAddSingleton<ISettlementPlanner>(provider =>
        {
            TaskClientOptions options = WithRegistry(provider);
            TimeProvider clock = options.Time ?? provider.GetService<IBackend>()?.Clock ?? TimeProvider.System;
            return new SettlementPlanner(provider.GetRequiredService<TaskRegistry>(), options, clock, provider.GetRequiredService<QueueRegistry>());
        });
        services.TryAddSingleton<ITaskRunner>(provider => new TaskRunner(
            provider.GetRequiredService<TaskRegistry>(),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>(),
            Random.Shared,
            HasBackend(provider) ? provider.GetRequiredService<TaskClient>() : null));
        return services;
    }

    /// <summary>Registers a handler class; see <see cref="TaskRegistryBuilder.AddHandler{THandler}"/>.</summary>
    /// <typeparam name="THandler">The handler.</typeparam>
    public static IServiceCollection AddHandler<THandler>(this IServiceCollection services, Action<TaskOptions>? configure = null)
        where THandler : class
    {
        services.AddEssaim().TryAddTransient<THandler>();
        BuilderOf(services).AddHandler<THandler>(configure);
        return services;
    }

    /// <summary>Registers a delegate as a task; see <see cref="TaskRegistryBuilder.AddTask"/>.</summary>
    public static IServiceCollection AddTask(this IServiceCollection services, string name, Delegate run, Action<TaskOptions>? configure = null)
    {
        BuilderOf(services.AddEssaim()).AddTask(name, run, configure);
        return services;
    }

    /// <summary>Defines a queue; each queue once.</summary>
    public static IServiceCollection AddQueue(this IServiceCollection services, QueueDefinition definition) =>
        services.AddEssaim().AddSingleton(definition);

    private static TaskRegistryBuilder BuilderOf(IServiceCollection services) =>
        (TaskRegistryBuilder)services.Last(service => service.ServiceType == typeof(TaskRegistryBuilder)).ImplementationInstance!;

    private static bool HasBackend(IServiceProvider provider) =>
        provider.GetService<ClientUrl>() is not null || provider.GetService<IServiceProviderIsService>()?.IsService(typeof(IBackend)) == true;

    private static TaskClientOptions BuildOptions(IServiceProvider provider)
    {
        TaskClientOptions options = new() { Logging = provider.GetRequiredService<ILoggerFactory>(), Configuration = provider.GetRequiredService<LiveConfiguration>() };
        // A clock that was registered on purpose is a test's own.
        if (provider.GetRequiredService<TimeProvider>() is var time && time != TimeProvider.System)
            options.Time = time;
        foreach (ClientConfiguration configuration in provider.GetServices<ClientConfiguration>())
            configuration.Configure(options);
        return options;
    }

    private static TaskClientOptions WithRegistry(IServiceProvider provider)
    {
        TaskClientOptions options = provider.GetRequiredService<TaskClientOptions>();
        options.Registry ??= provider.GetRequiredService<TaskRegistry>();
        return options;
    }

    private static TaskClient BuildClient(IServiceProvider provider)
    {
        TaskClientOptions options = WithRegistry(provider);
        if (provider.GetService<IBackend>() is { } backend)
            return new TaskClient(backend, options);
        return provider.GetService<ClientUrl>() is { } url
            ? new TaskClient(url.Url, options)
            : throw new InvalidOperationException("No broker is known, so there can be no TaskClient. Give AddEssaim a broker URL, or register an IBackend.");
    }

    private sealed record ClientUrl(string Url);

    private sealed record ClientConfiguration(Action<TaskClientOptions> Configure);
}
