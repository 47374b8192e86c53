using Essaim.Protocol;

namespace Essaim.Interop.Tests.Delivery;

/// <summary>Whatever dies, what was accepted ends once. A history tells: what the broker accepted, and every terminal state it took.</summary>
public sealed class ChaosTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropFact]
    public async Task RandomKills_EverySecondForTwoMinutes_EachAcceptedTaskEndsOnce()
    {
        const int Tasks = 20_000;
        await using TestFleet fleet = await TestFleet.StartAsync(new FleetOptions(Durable: true, Query: "socket_timeout=60"));
        RunningProgram[] workers = await StartWorkersAsync(fleet);
        using CancellationTokenSource calm = new(TimeSpan.FromMinutes(2));
        Task<HashSet<string>> sending = SendAsync(fleet, Tasks, TimeSpan.FromSeconds(100));

        Random random = new(20_001);
        while (!calm.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Stop);
            switch (random.Next(6))
            {
                case 0:
                    await fleet.Redis.CrashAsync();
                    break;
                case 1 or 2:
                    await CutAsync(fleet);
                    break;
                default:
                    int victim = random.Next(workers.Length);
                    await workers[victim].KillAsync();
                    workers[victim] = await fleet.StartRawEssaimWorkerAsync("chaos", $"chaos{victim}@test", "--lease", "3s", "--no-events");
                    break;
            }
        }

        await CheckAsync(fleet, await sending, Tasks);
    }

    [InteropFact]
    public async Task RedisFrozenForThirtySeconds_WorkGoesOn_EachTaskEndsOnce()
    {
        await using TestFleet fleet = await TestFleet.StartAsync(new FleetOptions(Durable: true, Query: "socket_timeout=60"));
        await StartWorkersAsync(fleet);
        HashSet<string> accepted = await SendAsync(fleet, 500, TimeSpan.FromMilliseconds(100));

        await fleet.Redis.FreezeAsync(TimeSpan.FromSeconds(30));
        accepted.UnionWith(await SendAsync(fleet, 500, TimeSpan.FromMilliseconds(100)));

        await CheckAsync(fleet, accepted, 1000);
    }

    private static async Task<RunningProgram[]> StartWorkersAsync(TestFleet fleet) =>
    [
        await fleet.StartRawEssaimWorkerAsync("chaos", "chaos0@test", "--lease", "3s", "--no-events"),
        await fleet.StartRawEssaimWorkerAsync("chaos", "chaos1@test", "--lease", "3s", "--no-events"),
    ];

    /// <summary>Sends tasks evenly over a time. Returns the ids the broker has acknowledged; what may or may not have arrived is sent anew under another.</summary>
    private static async Task<HashSet<string>> SendAsync(TestFleet fleet, int count, TimeSpan over)
    {
        const int AtOnce = 20;
        HashSet<string> accepted = [];
        long start = TimeProvider.System.GetTimestamp();
        while (accepted.Count < count)
        {
            TaskCall[] calls = [.. Enumerable.Range(0, AtOnce).Select(i => new TaskCall("tasks.add", [accepted.Count, i], Options: new EnqueueOptions { Queue = "chaos" }))];
            try
            {
                accepted.UnionWith((await fleet.Client.SendManyAsync(calls, Stop)).Select(handle => handle.Id));
            }
            catch (EssaimException)
            {
                // Not acknowledged: nobody may count on it.
                continue;
            }

            TimeSpan ahead = over * ((double)accepted.Count / count) - TimeProvider.System.GetElapsedTime(start);
            if (ahead > TimeSpan.Zero)
                await Task.Delay(ahead, TimeProvider.System, Stop);
        }

        return accepted;
    }

    private static async Task CutAsync(TestFleet fleet)
    {
        try
        {
            await fleet.Python.RunAsync("app.connection().default_channel.client.execute_command('CLIENT', 'KILL', 'TYPE', 'normal')");
        }
        catch (InvalidOperationException)
        {
            // It cut itself, too.
        }
    }

    private static async Task CheckAsync(TestFleet fleet, HashSet<string> accepted, int count)
    {
        Assert.Equal(count, accepted.Count);
        IBackend backend = await fleet.GetBackendAsync();
        Dictionary<string, int> ends = [];
        long position = 0;
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (!accepted.IsSubsetOf(ends.Keys))
        {
            IReadOnlyList<FeedEntry> entries = await backend.Results.ReadCompletionsAsync(position, 1000, patience.Token);
            foreach (FeedEntry entry in entries)
            {
                ends[entry.Completion.TaskId] = ends.GetValueOrDefault(entry.Completion.TaskId) + 1;
                position = entry.Position;
            }

            if (entries.Count == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }

        Assert.DoesNotContain(ends, end => end.Value != 1);
        IReadOnlyList<ResultDocument?> results = await backend.Results.GetManyAsync([.. accepted], Stop);
        Assert.All(results, result => Assert.Equal(TaskState.Success, result?.State));
    }
}
