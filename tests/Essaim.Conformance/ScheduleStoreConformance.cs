using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Schedules: their progress is kept, and each firing happens once.</summary>
public abstract class ScheduleStoreConformance : BackendConformance
{
    private static readonly RawJson EveryMinute = RawJson.Parse("""{"every": 60}""");

    private IScheduleStore Schedules => Backend.Schedules;

    [Fact]
    public async Task Put_Several_AreListedByName()
    {
        ScheduleRecord full = new("b", EveryMinute, true, Time.GetUtcNow().AddTicks(1), Time.GetUtcNow().AddDays(-1), "t0");
        await Schedules.PutAsync(full, Stop);
        await Schedules.PutAsync(new ScheduleRecord("a", EveryMinute, false), Stop);

        Assert.Equal([new ScheduleRecord("a", EveryMinute, false), full], await Schedules.ListAsync(Stop));
    }

    [Fact]
    public async Task Put_SameDefinition_TakesOverOnlyEnabled()
    {
        ScheduleRecord stored = new("s", EveryMinute, true, Time.GetUtcNow(), Time.GetUtcNow(), "t0");
        await Schedules.PutAsync(stored, Stop);

        await Schedules.PutAsync(new ScheduleRecord("s", EveryMinute, false), Stop);

        Assert.Equal([stored with { Enabled = false }], await Schedules.ListAsync(Stop));
    }

    [Fact]
    public async Task Put_OtherDefinition_StartsAfresh()
    {
        await Schedules.PutAsync(new ScheduleRecord("s", EveryMinute, true, Time.GetUtcNow(), Time.GetUtcNow(), "t0"), Stop);
        ScheduleRecord changed = new("s", RawJson.Parse("""{"every": 61}"""), true);

        await Schedules.PutAsync(changed, Stop);

        Assert.Equal([changed], await Schedules.ListAsync(Stop));
    }

    [Fact]
    public async Task Remove_Schedule_IsGone()
    {
        await Schedules.PutAsync(new ScheduleRecord("s", EveryMinute, true), Stop);

        Assert.True(await Schedules.RemoveAsync("s", Stop));
        Assert.False(await Schedules.RemoveAsync("s", Stop));
        Assert.Empty(await Schedules.ListAsync(Stop));
    }

    [Fact]
    public async Task TryFire_Expected_RecordsAndPublishes()
    {
        await Schedules.PutAsync(new ScheduleRecord("s", EveryMinute, true), Stop);
        DateTimeOffset now = Time.GetUtcNow();

        Assert.True(await Schedules.TryFireAsync("s", null, now, "t1", now.AddSeconds(60), Outgoing.Of(Message(taskId: "t1")), Stop));

        Assert.Equal([new ScheduleRecord("s", EveryMinute, true, now.AddSeconds(60), now, "t1")], await Schedules.ListAsync(Stop));
        Assert.Equal("t1", (await ClaimOneAsync()).TaskId);
    }

    [Fact]
    public async Task TryFire_WorksOutTheFirstRun_WithoutPublishing()
    {
        await Schedules.PutAsync(new ScheduleRecord("s", EveryMinute, true), Stop);
        DateTimeOffset now = Time.GetUtcNow();

        Assert.True(await Schedules.TryFireAsync("s", null, now, null, null, Outgoing.Nothing, Stop));

        Assert.Equal([new ScheduleRecord("s", EveryMinute, true, null, now)], await Schedules.ListAsync(Stop));
    }

    [Fact]
    public async Task TryFire_OtherNextRunOrPausedOrGone_DoesNothing()
    {
        DateTimeOffset now = Time.GetUtcNow();
        await Schedules.PutAsync(new ScheduleRecord("s", EveryMinute, true, now), Stop);
        await Schedules.PutAsync(new ScheduleRecord("paused", EveryMinute, false, now), Stop);

        Assert.False(await Schedules.TryFireAsync("s", now.AddTicks(1), now, "t", now, Outgoing.Of(Message()), Stop));
        Assert.False(await Schedules.TryFireAsync("s", null, now, "t", now, Outgoing.Of(Message()), Stop));
        Assert.False(await Schedules.TryFireAsync("paused", now, now, "t", now, Outgoing.Of(Message()), Stop));
        Assert.False(await Schedules.TryFireAsync("gone", now, now, "t", now, Outgoing.Of(Message()), Stop));

        Assert.Empty(await ClaimAllAsync());
        Assert.All(await Schedules.ListAsync(Stop), schedule => Assert.Null(schedule.LastRun));
    }

    [Fact]
    public async Task TryFire_SeveralCores_EachFiringHappensOnce()
    {
        DateTimeOffset start = Time.GetUtcNow();
        await Schedules.PutAsync(new ScheduleRecord("s", EveryMinute, true, start), Stop);

        bool[][] fired = await Task.WhenAll(Enumerable.Range(0, 8).Select(core => Task.Run(async () =>
        {
            bool[] mine = new bool[10];
            for (int run = 0; run < mine.Length; run++)
            {
                DateTimeOffset due = start.AddMinutes(run);
                mine[run] = await Schedules.TryFireAsync("s", due, due, $"run-{run}", due.AddMinutes(1), Outgoing.Of(Message(taskId: $"run-{run}")), Stop);
                while ((await Schedules.ListAsync(Stop))[0].NextRun <= due)
                    await Task.Yield();
            }

            return mine;
        }, Stop)));

        Assert.All(Enumerable.Range(0, 10), run => Assert.Single(fired, core => core[run]));
        Assert.Equal(Enumerable.Range(0, 10).Select(run => $"run-{run}"), await ClaimIdsAsync());
    }
}
