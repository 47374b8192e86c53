using Essaim.Protocol;
using Essaim.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using static Essaim.Recurrence;

namespace Essaim.Tests.Schedules;

public sealed class BeatServiceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryBackend _backend;

    public BeatServiceTests() => _backend = new InMemoryBackend(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_SeveralOnOneStore_FireEachTimeOnce()
    {
        ScheduleDefinition everyTenSeconds = new() { Recurrence = Every(TimeSpan.FromSeconds(10)), Task = "tick", Args = RawJson.Parse("[1]") };
        List<BeatService> cores = [];
        for (int i = 0; i < 5; i++)
            cores.Add(await StartAsync(("tick", everyTenSeconds)));
        await AdvanceAsync(TimeSpan.FromSeconds(65), cores.Count);
        await StopAsync(cores);

        List<TaskMessage> sent = await ClaimAllAsync();
        Assert.Equal(6, sent.Count);
        Assert.Equal(6, sent.Select(message => message.Id).Distinct().Count());
        Assert.All(sent, message => Assert.Equal(("tick", "[1]"), (message.Task, MessageCodec.ReadBody(message).Args.ToString())));
        ScheduleRecord record = Assert.Single(await _backend.Schedules.ListAsync(Token));
        Assert.Equal(Start.AddSeconds(60), record.LastRun);
        Assert.Equal(Start.AddSeconds(70), record.NextRun);
        Assert.Equal(FiringComposer.TaskIdOf("tick", Start.AddSeconds(60)), record.LastTaskId);
    }

    [Fact]
    public async Task Tick_SeveralOnTheSameReading_OneFires()
    {
        const int racers = 8;
        ScheduleDefinition hourly = new() { Recurrence = Cron("@hourly"), Task = "hourly" };
        await new ScheduleRegistrar(_backend.Schedules, _time).AddAsync("hourly", hourly, Token);
        _time.Advance(TimeSpan.FromHours(1));
        RacingBackend race = new(_backend, racers);
        await Task.WhenAll(Enumerable.Range(0, racers).Select(_ => Task.Run(
            async () => await new Beat(race, new TaskClientOptions { Time = _time }, NullLogger<Beat>.Instance).TickAsync(Token))));
        Assert.Single(await ClaimAllAsync());
    }

    [Theory]
    [InlineData(CatchUpPolicy.None, "")]
    [InlineData(CatchUpPolicy.Last, "06:00")]
    [InlineData(CatchUpPolicy.All, "01:00,02:00,03:00,04:00,05:00,06:00")]
    public async Task Run_AfterSixMissedHours_CatchesUpAsThePolicySays(CatchUpPolicy policy, string expected)
    {
        ScheduleDefinition hourly = new() { Recurrence = Cron("@hourly"), Task = "hourly", CatchUp = policy };
        BeatService first = await StartAsync(("hourly", hourly));
        await StopAsync([first]);
        _time.Advance(TimeSpan.FromMinutes(6 * 60 + 30));

        BeatService second = await StartAsync(("hourly", hourly));
        await StopAsync([second]);

        string[] ids = expected.Length == 0 ? [] : [.. expected.Split(',').Select(hour => FiringComposer.TaskIdOf("hourly", Start + TimeSpan.Parse(hour, null)))];
        Assert.Equal(ids, (await ClaimAllAsync()).Select(message => message.Id));
        Assert.Equal(Start.AddHours(7), Assert.Single(await _backend.Schedules.ListAsync(Token)).NextRun);
    }

    [Fact]
    public async Task Run_AfterManyMissedMinutes_CatchesUpTheLatestHundred()
    {
        ScheduleDefinition minutely = new() { Recurrence = Cron("* * * * *"), Task = "m", CatchUp = CatchUpPolicy.All };
        await StopAsync([await StartAsync(("m", minutely))]);
        _time.Advance(TimeSpan.FromDays(1));
        await StopAsync([await StartAsync(("m", minutely))]);

        List<TaskMessage> sent = await ClaimAllAsync();
        Assert.Equal(100, sent.Count);
        Assert.Equal(FiringComposer.TaskIdOf("m", Start.AddDays(1)), sent[^1].Id);
    }

    [Fact]
    public async Task Run_LessThanAMinuteLate_CountsAsOnTime()
    {
        ScheduleDefinition hourly = new() { Recurrence = Cron("@hourly"), Task = "hourly" };
        await StopAsync([await StartAsync(("hourly", hourly))]);
        _time.Advance(TimeSpan.FromMinutes(60) + TimeSpan.FromSeconds(59));
        await StopAsync([await StartAsync(("hourly", hourly))]);
        Assert.Equal(FiringComposer.TaskIdOf("hourly", Start.AddHours(1)), Assert.Single(await ClaimAllAsync()).Id);
    }

    [Fact]
    public async Task Run_PreviousTaskNotEnded_SkipsAndSaysSo()
    {
        ScheduleDefinition everyMinute = new() { Recurrence = Every(TimeSpan.FromMinutes(1)), Task = "slow", Overlap = OverlapPolicy.Skip };
        BeatService beat = await StartAsync(("slow", everyMinute));
        await AdvanceAsync(TimeSpan.FromMinutes(3), 1);

        Delivery only = Assert.Single((await ClaimAsync()).Deliveries);
        await AdvanceAsync(TimeSpan.FromMinutes(1), 1);
        Assert.Empty((await ClaimAsync()).Deliveries);
        List<EventRecord> events = await SkippedAsync();
        Assert.Equal(3, events.Count);
        Assert.Contains("\"schedule\":\"slow\"", events[0].Body.ToString(), StringComparison.Ordinal);

        await _backend.Broker.SettleAsync([new Settlement { Lease = only.Lease, Action = SettleAction.Complete }], Token);
        await AdvanceAsync(TimeSpan.FromMinutes(1), 1);
        Assert.Single((await ClaimAsync()).Deliveries);
        await StopAsync([beat]);
    }

    [Fact]
    public async Task Run_ScheduleAddedWhileItSleeps_FiresIt()
    {
        BeatService beat = await StartAsync();
        ScheduleRegistrar registrar = new(_backend.Schedules, _time);
        await registrar.AddAsync("late", new ScheduleDefinition { Recurrence = Every(TimeSpan.FromSeconds(5)), Task = "late", Queue = "q", Priority = 7, Expires = TimeSpan.FromSeconds(30) }, Token);
        await AdvanceAsync(TimeSpan.FromSeconds(5), 1);
        await StopAsync([beat]);
        TaskMessage sent = Assert.Single(await ClaimAllAsync("q"));
        Assert.Equal(7, sent.Priority);
        Assert.Equal(Start.AddSeconds(35), sent.Expires);
    }

    [Fact]
    public async Task Resume_AfterAPause_DoesNotCatchUpWhatWasPaused()
    {
        ScheduleDefinition hourly = new() { Recurrence = Cron("@hourly"), Task = "hourly", CatchUp = CatchUpPolicy.All };
        ScheduleRegistrar registrar = new(_backend.Schedules, _time);
        BeatService beat = await StartAsync(("hourly", hourly));
        Assert.True(await registrar.PauseAsync("hourly", Token));
        await AdvanceAsync(TimeSpan.FromHours(3), 1, TimeSpan.FromMinutes(10));
        Assert.True(await registrar.ResumeAsync("hourly", Token));
        await AdvanceAsync(TimeSpan.FromHours(1), 1, TimeSpan.FromMinutes(10));
        await StopAsync([beat]);
        Assert.Equal(FiringComposer.TaskIdOf("hourly", Start.AddHours(4)), Assert.Single(await ClaimAllAsync()).Id);
    }

    [Fact]
    public async Task Declare_ScheduleThatIsPaused_LeavesItPaused()
    {
        ScheduleDefinition hourly = new() { Recurrence = Cron("@hourly"), Task = "hourly" };
        ScheduleRegistrar registrar = new(_backend.Schedules, _time);
        await registrar.AddAsync("hourly", hourly, Token);
        await registrar.PauseAsync("hourly", Token);
        await StopAsync([await StartAsync(("hourly", hourly))]);
        Assert.False(Assert.Single(await _backend.Schedules.ListAsync(Token)).Enabled);
    }

    [Fact]
    public async Task Run_DamagedSchedule_DoesNotStopTheOthers()
    {
        await _backend.Schedules.PutAsync(new ScheduleRecord("bad", RawJson.Parse("{\"cron\":\"* * *\"}"), true, Start), Token);
        BeatService beat = await StartAsync(("good", new ScheduleDefinition { Recurrence = Every(TimeSpan.FromSeconds(3)), Task = "good" }));
        await AdvanceAsync(TimeSpan.FromSeconds(3), 1);
        await StopAsync([beat]);
        Assert.Equal("good", Assert.Single(await ClaimAllAsync()).Task);
    }

    [Fact]
    public async Task Run_RecordWithoutNextRun_WorksItOutAndFires()
    {
        ScheduleDefinition definition = new() { Recurrence = Cron("*/5 * * * *"), Task = "t" };
        await _backend.Schedules.PutAsync(new ScheduleRecord("foreign", ScheduleJson.Write(definition), true), Token);
        BeatService beat = await StartAsync();
        await AdvanceAsync(TimeSpan.FromMinutes(5), 1, TimeSpan.FromSeconds(10));
        await StopAsync([beat]);
        Assert.Equal(FiringComposer.TaskIdOf("foreign", Start.AddMinutes(5)), Assert.Single(await ClaimAllAsync()).Id);
    }

    private static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private async Task<BeatService> StartAsync(params (string Name, ScheduleDefinition Definition)[] schedules)
    {
        int before = _time.WaitingTimers;
        TaskClientOptions options = new() { Time = _time };
        BeatService beat = new(_backend, options, NullLoggerFactory.Instance, schedules.ToDictionary(pair => pair.Name, pair => pair.Definition));
        await beat.StartAsync(Token);
        await UntilAsync(() => _time.WaitingTimers > before);
        return beat;
    }

    /// <summary>Moves time step by step, letting every beat come to rest (its next timer set) in between.</summary>
    private async Task AdvanceAsync(TimeSpan by, int beats, TimeSpan? step = null)
    {
        TimeSpan one = step ?? TimeSpan.FromSeconds(1);
        for (TimeSpan moved = TimeSpan.Zero; moved < by; moved += one)
        {
            _time.Advance(one);
            await UntilAsync(() => _time.WaitingTimers >= beats);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task StopAsync(IEnumerable<BeatService> beats)
    {
        foreach (BeatService beat in beats)
        {
            await beat.StopAsync(Token);
            beat.Dispose();
        }
    }

    private ValueTask<ClaimResult> ClaimAsync(string queue = "celery") => _backend.Broker.ClaimAsync(
        new ClaimRequest { Worker = "w", Queues = [new QueueClaim(queue)], Max = 1000, LeaseDuration = TimeSpan.FromHours(9) }, Token);

    private async Task<List<TaskMessage>> ClaimAllAsync(string queue = "celery") =>
        [.. (await ClaimAsync(queue)).Deliveries.Select(delivery => MessageCodec.Decode(delivery.Envelope))];

    private async Task<List<EventRecord>> SkippedAsync()
    {
        List<EventRecord> found = [];
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await foreach (EventEntry entry in _backend.Events.SubscribeAsync(0, enough.Token))
        {
            found.Add(entry.Event);
            if (found.Count == 3)
                break;
        }

        return found;
    }
}
