using System.Text.Json;
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

    [Fact]
    public async Task Bind_Topic_IsWhatKombuWouldWrite_AndPythonRoutesByIt()
    {
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System);
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        foreach (string key in (string[])["media.#", "media.*.encode", "#", "a-b.c_d é"])
            await ((IQueueBinder)backend).BindAsync("ours", "media", key, topic: true, Stop);

        await using Python kombu = Python.Start(KombuBindsAndSends, server.Url);
        string[] theirs = JsonSerializer.Deserialize<string[]>(await kombu.ReadLineAsync(Stop))!;
        string[] ours = JsonSerializer.Deserialize<string[]>(await kombu.ReadLineAsync(Stop))!;

        Assert.Equal(theirs.Order(StringComparer.Ordinal), ours.Order(StringComparer.Ordinal));
        Assert.Equal("sent", await kombu.ReadLineAsync(Stop));
        Assert.Equal(1, (await client.SendAsync(new RespCommand("LLEN").Add("ours"), Stop)).AsInteger());
    }

    [Fact]
    public async Task Unbind_TakesBackThatBindingAlone_AndSaysWhereThereIsNone()
    {
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System);
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        IQueueBinder binder = (IQueueBinder)backend;
        await binder.BindAsync("mail", "post", "mail", topic: false, Stop);
        await binder.BindAsync("mail", "post", "letters", topic: false, Stop);

        Assert.True(await binder.UnbindAsync("mail", "post", "mail", topic: false, Stop));
        Assert.False(await binder.UnbindAsync("mail", "post", "mail", topic: false, Stop));
        Assert.Equal(1, (await client.SendAsync(new RespCommand("SCARD").Add(OwnServer.Keys.Binding("post")), Stop)).AsInteger());
    }

    private const string KombuBindsAndSends = """
        import json, sys, kombu, redis
        keys = ["media.#", "media.*.encode", "#", "a-b.c_d é"]
        server = redis.Redis.from_url(sys.argv[1], decode_responses=True)
        ours = server.smembers("_kombu.binding.media")
        server.delete("_kombu.binding.media")
        with kombu.Connection(sys.argv[1]) as connection:
            channel = connection.channel()
            exchange = kombu.Exchange("media", type="topic")
            for key in keys:
                kombu.Queue("ours", exchange, key)(channel).declare()
            theirs = server.smembers("_kombu.binding.media")
            print(json.dumps(sorted(theirs)))
            print(json.dumps(sorted(ours)))
            server.delete("_kombu.binding.media")
            server.sadd("_kombu.binding.media", *[one for one in ours if one.startswith("media.*")])
            kombu.Producer(channel, exchange).publish({"x": 1}, routing_key="media.video.encode", serializer="json")
            print("sent")
        """;

    private static async Task BindAsync(RedisClient client, string exchange, string key, string pattern, string queue) =>
        await client.SendAsync(new RespCommand("SADD").Add(OwnServer.Keys.Binding(exchange)).Add($"{key}\u0006\u0016{pattern}\u0006\u0016{queue}"), Stop);

    private static async Task<string> TagInAsync(RedisClient client, string queue)
    {
        RespReply envelope = await client.SendAsync(new RespCommand("RPOP").Add(queue), Stop);
        return MessageCodec.Decode(envelope.AsBytes()!.Value).DeliveryTag;
    }
}
