using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Results, watching them, groups, and the completion feed.</summary>
public abstract class ResultStoreConformance : BackendConformance
{
    private IResultStore Results => Backend.Results;

    [Fact]
    public async Task Get_NothingStored_IsNull() => Assert.Null(await Results.GetAsync("unknown", Stop));

    [Fact]
    public async Task Set_PassingStates_LastOneIsSeen()
    {
        await Results.SetAsync(Result("t", TaskState.Started), Stop);
        await Results.SetAsync(Result("t", TaskState.Progress, 50), Stop);

        ResultDocument? stored = await Results.GetAsync("t", Stop);

        Assert.Equal((TaskState.Progress, RawJson.From(50)), (stored!.State, stored.Result));
    }

    [Theory]
    [InlineData("SUCCESS")]
    [InlineData("FAILURE")]
    [InlineData("REVOKED")]
    public async Task Set_AfterAReadyState_IsIgnored(string ready)
    {
        await Results.SetAsync(Result("t", new TaskState(ready)), Stop);
        await Results.SetAsync(Result("t", TaskState.Progress), Stop);
        await Results.SetAsync(Result("t", TaskState.Success, 99), Stop);

        ResultDocument? stored = await Results.GetAsync("t", Stop);

        Assert.Equal(ready, stored!.State.Name);
        Assert.NotEqual(RawJson.From(99), stored.Result);
    }

    [Fact]
    public async Task Get_Expired_IsNullAndMayBeWrittenAnew()
    {
        await Results.SetAsync(Result("t", TaskState.Success, 1, TimeSpan.FromHours(1)), Stop);
        await Results.SetAsync(Result("kept", TaskState.Success, 1), Stop);
        await AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Null(await Results.GetAsync("t", Stop));
        await Results.SetAsync(Result("t", TaskState.Success, 2), Stop);
        Assert.Equal(RawJson.From(2), (await Results.GetAsync("t", Stop))!.Result);
    }

    [Fact]
    public async Task Sweep_ExpiredResultsAndGroups_AreRemovedAndReported()
    {
        await Results.SetAsync(Result("t", TaskState.Success, 1, TimeSpan.FromHours(1)), Stop);
        await Results.SetAsync(Result("kept", TaskState.Success, 1), Stop);
        await Results.SaveGroupAsync("g", RawJson.EmptyObject, TimeSpan.FromHours(1), Stop);
        await AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal(ExpiresByItself ? 0 : 2, (await Broker.SweepAsync(Stop)).Pruned);
        Assert.Equal(0, (await Broker.SweepAsync(Stop)).Pruned);
        Assert.NotNull(await Results.GetAsync("kept", Stop));
    }

    [Fact]
    public async Task GetMany_SomeStored_SameOrderWithGaps()
    {
        await Results.SetAsync(Result("a", TaskState.Success, 1), Stop);
        await Results.SetAsync(Result("c", TaskState.Success, 3), Stop);

        IReadOnlyList<ResultDocument?> stored = await Results.GetManyAsync(["c", "b", "a"], Stop);

        Assert.Equal(["c", null, "a"], stored.Select(document => document?.TaskId));
    }

    [Fact]
    public async Task Forget_Stored_IsGoneAndMayBeWrittenAnew()
    {
        await Results.SetAsync(Result("a", TaskState.Success, 1), Stop);

        await Results.ForgetAsync(["a", "unknown"], Stop);

        Assert.Null(await Results.GetAsync("a", Stop));
        await Results.SetAsync(Result("a", TaskState.Started), Stop);
        Assert.Equal(TaskState.Started, (await Results.GetAsync("a", Stop))!.State);
    }

    [Fact]
    public async Task Watch_StoredBefore_YieldsItAndEnds()
    {
        await Results.SetAsync(Result("t", TaskState.Success, 5), Stop);

        Assert.Equal([TaskState.Success], await WatchAsync("t", _ => { }));
    }

    [Fact]
    public async Task Watch_ChangesFollow_YieldsEachAndEndsWithTheReadyState()
    {
        await Results.SetAsync(Result("t", TaskState.Started), Stop);

        List<TaskState> seen = await WatchAsync("t", async state =>
        {
            if (state == TaskState.Started)
                await Results.SetAsync(Result("t", TaskState.Progress, 1), Stop);
            else if (state == TaskState.Progress)
                await Results.SetAsync(Result("t", TaskState.Failure), Stop);
        });

        Assert.Equal([TaskState.Started, TaskState.Progress, TaskState.Failure], seen);
    }

    [Fact]
    public async Task Watch_SettledMeanwhile_YieldsTheResult()
    {
        string taskId = await PublishAsync();
        Delivery delivery = await ClaimOneAsync();
        Task<List<TaskState>> watching = WatchAsync(taskId, _ => { });

        await SettleAsync(new Settlement { Lease = delivery.Lease, Action = SettleAction.Complete, Results = [Result(taskId, TaskState.Success)] });

        Assert.Equal([TaskState.Success], await watching.WaitAsync(Patience, Stop));
    }

    [Fact]
    public async Task Watch_ManyTasksAtOnce_EachGetsItsOwn()
    {
        Task<List<TaskState>>[] watching = [.. Enumerable.Range(0, 50).Select(i => WatchAsync($"t{i}", _ => { }))];

        for (int i = 49; i >= 0; i--)
            await Results.SetAsync(Result($"t{i}", i % 2 == 0 ? TaskState.Success : TaskState.Failure), Stop);

        List<TaskState>[] seen = await Task.WhenAll(watching).WaitAsync(Patience, Stop);
        Assert.All(seen.Index(), pair => Assert.Equal([pair.Index % 2 == 0 ? TaskState.Success : TaskState.Failure], pair.Item));
    }

    [Fact]
    public async Task Watch_Cancelled_Ends()
    {
        using CancellationTokenSource cancel = new();
        IAsyncEnumerator<ResultDocument> watch = Results.WatchAsync("t", cancel.Token).GetAsyncEnumerator(cancel.Token);
        ValueTask<bool> next = watch.MoveNextAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    [Fact]
    public async Task Group_Saved_IsKeptUntilItExpires()
    {
        RawJson structure = RawJson.Parse("""{"result": []}""");
        await Results.SaveGroupAsync("g", RawJson.EmptyObject, null, Stop);
        await Results.SaveGroupAsync("g", structure, TimeSpan.FromHours(1), Stop);

        Assert.Equal(structure, await Results.GetGroupAsync("g", Stop));
        Assert.Null(await Results.GetGroupAsync("unknown", Stop));
        await AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Null(await Results.GetGroupAsync("g", Stop));
    }

    [Fact]
    public async Task Feed_ReadInPieces_GivesEveryCompletionOnceInOrder()
    {
        for (int i = 0; i < 10; i++)
        {
            string taskId = await PublishAsync();
            Settlement settlement = new() { Lease = (await ClaimOneAsync()).Lease, Action = SettleAction.Complete, Completion = Completed(taskId, TaskState.Success) };
            await SettleAsync(settlement);
        }

        List<string> seen = [];
        for (long position = 0; ;)
        {
            IReadOnlyList<FeedEntry> entries = await Results.ReadCompletionsAsync(position, 3, Stop);
            if (entries.Count == 0)
                break;
            Assert.True(entries[0].Position > position);
            Assert.InRange(entries.Count, 1, 3);
            seen.AddRange(entries.Select(entry => entry.Completion.TaskId));
            position = entries[^1].Position;
        }

        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"task-{i}"), seen);
    }

    private Task<List<TaskState>> WatchAsync(string taskId, Action<TaskState> onSeen) => WatchAsync(taskId, state =>
    {
        onSeen(state);
        return Task.CompletedTask;
    });

    private async Task<List<TaskState>> WatchAsync(string taskId, Func<TaskState, Task> onSeen)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        List<TaskState> seen = [];
        await foreach (ResultDocument document in Results.WatchAsync(taskId, patience.Token))
        {
            seen.Add(document.State);
            await onSeen(document.State);
        }

        return seen;
    }
}
