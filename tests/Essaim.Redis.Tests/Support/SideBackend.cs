using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Redis.Tests;

/// <summary>The parts of a Redis backend that are neither broker nor results.</summary>
internal sealed class SideBackend(RedisClient client, TimeProvider time) : IBackend
{
    public static RedisKeys Keys { get; } = new("", "essaim:", 0);

    public string DisplayUrl => "redis://";

    public IBroker Broker => throw new NotSupportedException("These tests send no tasks.");

    public IResultStore Results => throw new NotSupportedException("These tests read no results.");

    public IEventBus Events { get; } = new RedisEventBus(client, Keys, NullLogger.Instance);

    public IControlBus Control { get; } = new RedisControlBus(client, Keys, time, NullLogger.Instance);

    public IConfigStore Configuration { get; } = new RedisConfigStore(client, time, NullLogger.Instance);

    public IScheduleStore Schedules { get; } = new RedisScheduleStore(client, Keys, time);

    public static async ValueTask<IBackend> CreateAsync(OwnServer server, TimeProvider time) =>
        new SideBackend(await server.ConnectEmptyAsync(time), time);

    public async ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken)
    {
        await client.SendAsync(new RespCommand("PING", idempotent: true), cancellationToken);
        return new BackendHealth(true, "");
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
