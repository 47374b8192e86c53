namespace Essaim.Redis.Tests;

public sealed class RedisFleetReaderTests(OwnServer server) : IClassFixture<OwnServer>
{
    private const string Separator = "\u0006\u0016";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_Fleet_CountsEverythingAndWritesNothing()
    {
        await using RedisClient client = await server.ConnectEmptyAsync();
        await DoAsync(client, "SADD", "_kombu.binding.celery", $"celery{Separator}{Separator}celery");
        await DoAsync(client, "SADD", "_kombu.binding.media", $"media.#{Separator}^media\\..*?${Separator}media_q", "nonsense");
        await DoAsync(client, "SADD", "_kombu.binding.celery.pidbox", $"{Separator}{Separator}w1@h.celery.pidbox");
        await DoAsync(client, "SADD", "_kombu.binding.celeryev", $"#{Separator}{Separator}celeryev.1");
        await DoAsync(client, "SADD", "essaim:queues", "own");
        await DoAsync(client, "LPUSH", "celery", "a", "b");
        await DoAsync(client, "LPUSH", $"celery{Separator}9", "c");
        await DoAsync(client, "HSET", "unacked", "t1", "x", "t2", "x");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await DoAsync(client, "ZADD", "unacked_index", $"{now.ToUnixTimeSeconds() - 90}.25", "t1", $"{now.ToUnixTimeSeconds()}", "t2");
        await DoAsync(client, "ZADD", "essaim:leases", "1", "h");
        await DoAsync(client, "ZADD", "essaim:delayed", "1", "d1", "2", "d2", "3", "d3");
        await DoAsync(client, "ZADD", "essaim:dead-order", "1", "x");
        string before = await DigestAsync(client);

        FleetReading facts = await new RedisFleetReader(client, OwnServer.Keys, TimeProvider.System).ReadAsync(Stop);

        Assert.Equal(["celery 2,0,0,1", "media_q 0,0,0,0", "own 0,0,0,0"], facts.Queues.Select(queue => $"{queue.Name} {string.Join(',', queue.Lengths)}"));
        Assert.Equal((2, 1, 3, 1), (facts.Unacknowledged, facts.Held, facts.Delayed, facts.DeadLetters));
        Assert.InRange(facts.OldestUnacknowledged!.Value, TimeSpan.FromSeconds(89), TimeSpan.FromSeconds(120));
        Assert.False(facts.QueuesLeftOut);
        Assert.StartsWith("7.", facts.Server.Version, StringComparison.Ordinal);
        Assert.True(facts.Server.UsedMemory > 0 && facts.Server.ConnectedClients > 0);
        Assert.Equal(before, await DigestAsync(client));
    }

    [Fact]
    public async Task Read_EmptyServer_IsAllZero()
    {
        await using RedisClient client = await server.ConnectEmptyAsync();

        FleetReading facts = await new RedisFleetReader(client, OwnServer.Keys, TimeProvider.System).ReadAsync(Stop);

        Assert.Empty(facts.Queues);
        Assert.Null(facts.OldestUnacknowledged);
        Assert.Equal((0, 0, 0, 0), (facts.Unacknowledged, facts.Held, facts.Delayed, facts.DeadLetters));
    }

    private static async Task DoAsync(RedisClient client, string name, params string[] arguments)
    {
        RespCommand command = new(name);
        foreach (string argument in arguments)
            command.Add(argument);
        await client.SendAsync(command, Stop);
    }

    private static async Task<string> DigestAsync(RedisClient client)
    {
        // Changes since the last save count every write.
        string info = (await client.SendAsync(new RespCommand("INFO").Add("persistence"), Stop)).AsText()!;
        return info.Split('\n').Single(line => line.StartsWith("rdb_changes_since_last_save", StringComparison.Ordinal));
    }
}
