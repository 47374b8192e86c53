using Essaim.Testing;

namespace Essaim.Redis.Tests;

public sealed class ConfigWatchTests(OwnServer server) : IClassFixture<OwnServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_AnnouncementMissed_IsSeenByThePoll()
    {
        FakeTimeProvider time = new();
        await using RedisClient client = await server.ConnectEmptyAsync();
        RedisConfigStore store = new(client, time, "prod");
        await using IAsyncEnumerator<ConfigSnapshot> watch = store.WatchAsync(Stop).GetAsyncEnumerator(Stop);
        await client.SendAsync(new RespCommand("SET").Add("prod:version").Add("7"), Stop);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal("7", watch.Current.Version);

        Task<bool> next = watch.MoveNextAsync().AsTask();
        await client.SendAsync(new RespCommand("SET").Add("prod:version").Add("8"), Stop);
        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await client.SendAsync(new RespCommand("PING"), Stop);
        }

        Assert.True(await next);
        Assert.Equal(("8", ""), (watch.Current.Version, watch.Current.Document.Author));
    }

    [Fact]
    public async Task Watch_RedisEmptied_EndsWithTheReason_SoThatASourceIsOfferedAgain()
    {
        FakeTimeProvider time = new();
        await using RedisClient client = await server.ConnectEmptyAsync();
        RedisConfigStore store = new(client, time);
        ConfigSnapshot published = (await store.PublishAsync(ConfigDocument.Empty, null, Stop))!;
        await using IAsyncEnumerator<ConfigSnapshot> watch = store.WatchAsync(Stop).GetAsyncEnumerator(Stop);
        Assert.True(await watch.MoveNextAsync());

        Task<bool> next = watch.MoveNextAsync().AsTask();
        await client.SendAsync(new RespCommand("FLUSHALL"), Stop);
        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await client.SendAsync(new RespCommand("PING"), Stop);
        }

        ConfigException gone = await Assert.ThrowsAsync<ConfigException>(() => next);
        Assert.Equal($"The configuration {published.Version} is not in Redis any more. Where no worker publishes it again by itself, use 'config publish'.", gone.Message);
    }
}
