using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>Named exchanges, by the bindings kombu keeps.</summary>
public sealed class RoutingTests(OwnServer server) : IClassFixture<OwnServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_ToATopic_ReachesEveryQueueBoundToIt_EachCopyWithItsOwnTag()
    {
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System);
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        await BindAsync(client, "media", "media.#", @"^media\..*?$", "all");
        await BindAsync(client, "media", "media.*.encode", @"^media\..*?[^\.]\.encode$", "encoders");
        await BindAsync(client, "media", "audio.#", @"^audio\..*?$", "audio");
        await using TaskClient tasks = new(backend);
        Signature signature = new()
        {
            Task = "tests.encode",
            Options = SignatureOptions.None with { Exchange = "media", RoutingKey = "media.video.encode" },
        };

        await tasks.ApplyAsync(signature, cancellationToken: Stop);

        string[] tags = [await TagInAsync(client, "all"), await TagInAsync(client, "encoders")];
        Assert.Equal(2, tags.Distinct().Count());
        Assert.Equal(0, (await client.SendAsync(new RespCommand("LLEN").Add("audio"), Stop)).AsInteger());
    }

    [Fact]
    public async Task Publish_ToAnExchangeWithoutBindings_GoesToTheQueueOfThatName()
    {
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System);
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        await using TaskClient tasks = new(backend);
        Signature signature = new() { Task = "tests.encode", Options = SignatureOptions.None with { Exchange = "nobody", RoutingKey = "somewhere" } };

        await tasks.ApplyAsync(signature, cancellationToken: Stop);

        Assert.Equal(1, (await client.SendAsync(new RespCommand("LLEN").Add("somewhere"), Stop)).AsInteger());
    }

    private static async Task BindAsync(RedisClient client, string exchange, string key, string pattern, string queue) =>
        await client.SendAsync(new RespCommand("SADD").Add(OwnServer.Keys.Binding(exchange)).Add($"{key}\u0006\u0016{pattern}\u0006\u0016{queue}"), Stop);

    private static async Task<string> TagInAsync(RedisClient client, string queue)
    {
        RespReply envelope = await client.SendAsync(new RespCommand("RPOP").Add(queue), Stop);
        return MessageCodec.Decode(envelope.AsBytes()!.Value).DeliveryTag;
    }
}
