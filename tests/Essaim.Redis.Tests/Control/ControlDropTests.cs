using System.Collections.Concurrent;
using Essaim.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Redis.Tests;

/// <summary>What a node leaves out, and that nothing of it stays in Redis.</summary>
public sealed class ControlDropTests(OwnServer server) : IClassFixture<OwnServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_ExpiredMalformedOrNobodyToAnswer_GoesOnAndLeavesNoKey()
    {
        await using RedisClient client = await server.ConnectEmptyAsync();
        await using RedisControlBus bus = new(client, OwnServer.Keys, TimeProvider.System, NullLogger.Instance);
        ConcurrentQueue<string> handled = new();
        using CancellationTokenSource end = new();
        Task serving = bus.ServeAsync(
            "w1@h",
            (request, _) =>
            {
                handled.Enqueue(request.Method);
                return new(RawJson.EmptyObject);
            },
            end.Token);
        await bus.CallAsync(new ControlRequest("first", RawJson.EmptyObject, ["w1@h"]), TimeSpan.FromSeconds(20), Stop);

        await PublishAsync(client, new ControlMessage(new ControlRequest("expired", RawJson.EmptyObject), null, null, null, null, null, Expires: 1));
        await PublishAsync(client, new ControlMessage(new ControlRequest("gone", RawJson.EmptyObject), null, null, "t", "reply.celery.pidbox", "gone", 0));
        await client.SendAsync(new RespCommand("PUBLISH").Add("/0.celery.pidbox").Add("no json"), Stop);
        await bus.CallAsync(new ControlRequest("last", RawJson.Null, ["w1@h"]), TimeSpan.FromSeconds(20), Stop);

        Assert.Equal(["first", "gone", "last"], handled);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
        Assert.Empty((await client.SendAsync(new RespCommand("KEYS").Add("*"), Stop)).AsTexts());
    }

    private static async Task PublishAsync(RedisClient client, ControlMessage message) =>
        await client.SendAsync(new RespCommand("PUBLISH").Add("/0.celery.pidbox").Add(message.Encode()), Stop);
}
