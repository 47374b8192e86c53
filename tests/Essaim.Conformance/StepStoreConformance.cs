using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Recorded steps.</summary>
public abstract class StepStoreConformance : BackendConformance
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task Record_Steps_AreReadBack()
    {
        await RecordAsync("a", "one", 1);
        await RecordAsync("a", "zwei ü", 2);
        await RecordAsync("b", "one", 3);

        IReadOnlyDictionary<string, RawJson> steps = await Backend.Steps.ReadAsync("a", Stop);

        Assert.Equal([("one", "1"), ("zwei ü", "2")], steps.Select(step => (step.Key, step.Value.ToString())).Order());
        Assert.Empty(await Backend.Steps.ReadAsync("unknown", Stop));
    }

    [Fact]
    public async Task Record_Twice_TheFirstStands()
    {
        Assert.Equal("1", (await RecordAsync("a", "one", 1)).ToString());

        Assert.Equal("1", (await RecordAsync("a", "one", 2)).ToString());

        Assert.Equal("1", (await Backend.Steps.ReadAsync("a", Stop))["one"].ToString());
    }

    [Fact]
    public async Task Record_NotEnded_IsForgottenAfterItsTime()
    {
        await RecordAsync("a", "one", 1);
        await AdvanceAsync(Day);

        Assert.Empty(await Backend.Steps.ReadAsync("a", Stop));
        Assert.Equal(ExpiresByItself ? 0 : 1, (await Broker.SweepAsync(Stop)).Pruned);
        Assert.Equal("2", (await RecordAsync("a", "one", 2)).ToString());
    }

    [Fact]
    public async Task Settle_ThatForgetsSteps_ForgetsThoseOfItsTask()
    {
        await PublishAsync(taskId: "a");
        Delivery delivery = await ClaimOneAsync();
        await RecordAsync("a", "one", 1);
        await RecordAsync("b", "one", 1);

        await SettleAsync(new Settlement
        {
            Lease = delivery.Lease,
            Action = SettleAction.Complete,
            Completion = Completed("a", TaskState.Success),
            ForgetsSteps = true,
        });

        Assert.Empty(await Backend.Steps.ReadAsync("a", Stop));
        Assert.Single(await Backend.Steps.ReadAsync("b", Stop));
    }

    private async Task<RawJson> RecordAsync(string taskId, string step, int result) =>
        await Backend.Steps.RecordAsync(taskId, step, RawJson.From(result), Day, Stop);
}
