using Essaim.Protocol;

namespace Essaim.Interop.Tests.Delivery;

/// <summary>Machines whose clocks are wrong, as a Pi's is that has none of its own: the fleet goes by the broker's.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(40);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropTheory]
    [InlineData("+1h")]
    [InlineData("-1h")]
    [InlineData("-20000d")]
    public async Task WorkersClockIsOff_NothingIsLateOrExpiresOrIsParkedAgain(string off)
    {
        await using TestFleet fleet = await TestFleet.StartAsync();
        using WrongClock clock = new(off);
        await fleet.StartEssaimWorkerAsync("net", "wrong@test", clock);
        IBackend backend = await fleet.GetBackendAsync();
        DateTimeOffset start = backend.Clock.GetUtcNow();

        TaskHandle due = await SendAsync(fleet, "tasks.add", [2, 3], new EnqueueOptions { Countdown = TimeSpan.FromSeconds(1) });
        TaskHandle retried = await SendAsync(fleet, "tasks.flaky", [2], new EnqueueOptions());
        TaskHandle lasting = await SendAsync(fleet, "tasks.add", [3, 4], new EnqueueOptions { ExpiresIn = TimeSpan.FromMinutes(30) });
        TaskHandle expiring = await SendAsync(
            fleet, "tasks.add", [4, 5], new EnqueueOptions { Countdown = TimeSpan.FromSeconds(1), Expires = start + TimeSpan.FromMilliseconds(500) });

        Assert.Equal(5, await due.GetResultAsync<long>(Wait, Stop));
        Assert.Equal(2, await retried.GetResultAsync<long>(Wait, Stop));
        Assert.Equal(7, await lasting.GetResultAsync<long>(Wait, Stop));
        await Assert.ThrowsAsync<TaskRevokedException>(() => expiring.GetResultAsync<long>(Wait, Stop));
        DateTimeOffset end = backend.Clock.GetUtcNow().AddMilliseconds(100);
        Assert.InRange((await due.GetDocumentAsync(Stop))!.DateDone!.Value, start.AddSeconds(1), end);
        Assert.InRange((await retried.GetDocumentAsync(Stop))!.DateDone!.Value, start.AddSeconds(2), end);
        IReadOnlyList<FeedEntry> feed = await backend.Results.ReadCompletionsAsync(0, 100, Stop);
        Assert.Equal(4, feed.Count);
        Assert.All(feed, entry => Assert.InRange(entry.Completion.At, start, end));
        // A message that is parked again rings once more and is claimed once more: it was claimed as often as it had to be.
        string stats = await fleet.RunSampleAsync("inspect", "stats", "--destination", "wrong@test", "--timeout", "20s", "--format", "json");
        Assert.Contains("\"tasks.flaky\":3", stats.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [InteropFact]
    public async Task WorkersClockIsSet_WhileTasksWaitAndRun_EachEndsOnceAndInTime()
    {
        await using TestFleet fleet = await TestFleet.StartAsync();
        using WrongClock clock = new("-20000d");
        await fleet.StartEssaimWorkerAsync("net", "wrong@test", clock, "--lease", "3s");
        List<TaskHandle> handles = [];
        foreach (string off in (string[])["-20000d", "+1h", "-1h", "+0"])
        {
            clock.Set(off);
            handles.Add(await SendAsync(fleet, "tasks.sleep", [4], new EnqueueOptions()));
            handles.Add(await SendAsync(fleet, "tasks.add", [1, 1], new EnqueueOptions { Countdown = TimeSpan.FromSeconds(1) }));
            handles.Add(await SendAsync(fleet, "tasks.flaky", [1], new EnqueueOptions { ExpiresIn = TimeSpan.FromMinutes(30) }));
            await handles[^2].WaitAsync(Wait, Stop);
        }

        foreach (TaskHandle handle in handles)
            Assert.Equal(TaskState.Success, (await handle.WaitAsync(Wait, Stop)).State);
        IBackend backend = await fleet.GetBackendAsync();
        IReadOnlyList<FeedEntry> feed = await backend.Results.ReadCompletionsAsync(0, 100, Stop);
        Assert.Equal(handles.Select(handle => handle.Id).Order(), feed.Select(entry => entry.Completion.TaskId).Order());
        string stats = (await fleet.RunSampleAsync("inspect", "stats", "--destination", "wrong@test", "--timeout", "20s", "--format", "json")).Replace(" ", "", StringComparison.Ordinal);
        // Each ran once, and twice where it retried: no lease was lost though the clock was set three times under it.
        Assert.Contains("\"tasks.sleep\":4", stats, StringComparison.Ordinal);
        Assert.Contains("\"tasks.add\":4", stats, StringComparison.Ordinal);
        Assert.Contains("\"tasks.flaky\":8", stats, StringComparison.Ordinal);
    }

    [InteropTheory]
    [InlineData("+1h")]
    [InlineData("-1h")]
    public async Task SendersClockIsOff_DelaysAndExpiryAreRight(string off)
    {
        await using TestFleet fleet = await TestFleet.StartAsync();
        using WrongClock clock = new(off);
        IBackend backend = await fleet.GetBackendAsync();
        DateTimeOffset start = backend.Clock.GetUtcNow();

        string id = (await fleet.RunSampleAsync(clock, "send", "tasks.add", "2", "3", "--queue", "net", "--countdown", "10m", "--expires", "20m", "--id", "late")).Trim();

        DateTimeOffset end = backend.Clock.GetUtcNow().AddMilliseconds(100);
        TaskLocation waiting = (await backend.Broker.FindAsync("late", Stop))!;
        Assert.True(waiting.Place == MessagePlace.Delayed, id);
        Assert.InRange(waiting.NotBefore!.Value, start.AddMinutes(10), end.AddMinutes(10));
        Essaim.Delivery delivery = (await backend.Broker.ClaimTaskAsync("late", "test", TimeSpan.FromSeconds(30), Stop))!;
        Assert.InRange(MessageCodec.Decode(delivery.Envelope).Expires!.Value, start.AddMinutes(20), end.AddMinutes(20));
        Assert.InRange(delivery.Lease.Deadline, start.AddSeconds(30), backend.Clock.GetUtcNow().AddSeconds(30.1));
    }

    [InteropTheory]
    [InlineData("+1h")]
    [InlineData("-1h")]
    public async Task BeatsClockIsOff_FiresInTime(string off)
    {
        await using TestFleet fleet = await TestFleet.StartAsync();
        using WrongClock clock = new(off);
        await fleet.StartEssaimWorkerAsync("net", "wrong@test", clock, "--beat");
        IBackend backend = await fleet.GetBackendAsync();
        DateTimeOffset start = backend.Clock.GetUtcNow();

        await fleet.RunSampleAsync(clock, "schedule", "add", "often", "tasks.add", "1", "2", "--every", "1s", "--queue", "net");

        IReadOnlyList<FeedEntry> feed = [];
        for (long waiting = TimeProvider.System.GetTimestamp(); feed.Count < 3 && TimeProvider.System.GetElapsedTime(waiting) < Wait;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
            feed = await backend.Results.ReadCompletionsAsync(0, 3, Stop);
        }

        Assert.Equal(3, feed.Count);
        Assert.All(feed, entry => Assert.InRange(entry.Completion.At, start, backend.Clock.GetUtcNow().AddMilliseconds(100)));
    }

    private static Task<TaskHandle> SendAsync(TestFleet fleet, string task, object?[] args, EnqueueOptions options) =>
        fleet.Client.SendAsync(task, args, null, options with { Queue = "net" }, Stop);
}
