using Essaim.Conformance;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>A server that forgot the scripts is given them again.</summary>
public sealed class ScriptReloadTests(OwnServer server) : BackendConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    [Fact]
    public async Task EvalAsync_ScriptsWereFlushed_EachIsLoadedOnceAndDone()
    {
        await using RedisClient admin = await OwnServer.ConnectAsync(server.Url);
        await FlushAsync(admin);
        string taskId = await PublishAsync();
        await FlushAsync(admin);
        Delivery delivery = await ClaimOneAsync();
        await FlushAsync(admin);

        SettleOutcome outcome = await SettleAsync(new Settlement
        {
            Lease = delivery.Lease,
            Action = SettleAction.Complete,
            Results = [Result(taskId, TaskState.Success, 42)],
            Completion = Completed(taskId, TaskState.Success),
        });

        Assert.Equal(SettleOutcome.Settled, outcome);
        Assert.Equal(RawJson.From(42), (await Backend.Results.GetAsync(taskId, Stop))!.Result);
        await FlushAsync(admin);
        Assert.Single(await Backend.Results.ReadCompletionsAsync(0, 10, Stop));
        Assert.Equal((taskId, 1), (delivery.TaskId, delivery.DeliveryCount));
    }

    [Fact]
    public async Task EvalAsync_ManyAtOnceAfterAFlush_AllAreDoneOnce()
    {
        await using RedisClient admin = await OwnServer.ConnectAsync(server.Url);
        await FlushAsync(admin);

        string[] sent = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PublishAsync()));

        Assert.Equal(sent.Order(), (await ClaimIdsAsync()).Order());
    }

    private static async Task FlushAsync(RedisClient admin) => await admin.SendAsync(new RespCommand("SCRIPT").Add("FLUSH"), Stop);
}
