using System.Globalization;
using Essaim.Protocol;

namespace Essaim.Storage.Tests;

public abstract partial class MetadataStoreConformance
{
    [Fact]
    public async Task Record_WholeLife_IsReadBackFieldByField()
    {
        await RecordAsync(
            Submitted("t1") with { Eta = At(1), ParentId = "p", GroupId = "g", RootId = "r", Priority = 3 },
            new TaskChange { TaskId = "t1", At = At(2), State = TaskState.Received, Worker = "w@h" },
            new TaskChange { TaskId = "t1", At = At(3), State = TaskState.Started },
            new TaskChange
            {
                TaskId = "t1",
                At = At(4),
                State = TaskState.Progress,
                Progress = 0.5,
                ProgressText = "half",
                Entry = (TaskEntryKind.Progress, RawJson.Parse("""{"fraction":0.5}""")),
            },
            new TaskChange { TaskId = "t1", At = At(5), Entry = (TaskEntryKind.Log, RawJson.Parse("""{"line":"é"}""")) },
            new TaskChange { TaskId = "t1", At = At(6), State = TaskState.Failure, Certain = true, Runtime = TimeSpan.FromSeconds(3), Error = "ValueError('no')" });
        await ReopenAsync();

        TaskRecord expected = new()
        {
            Id = "t1",
            Number = 1,
            Name = "tasks.add",
            Queue = "celery",
            State = TaskState.Failure,
            StateAt = At(6),
            ChangedAt = At(6),
            Certain = true,
            Priority = 3,
            Args = "(2, 3)",
            Kwargs = "{}",
            SubmittedAt = At(0),
            Eta = At(1),
            StartedAt = At(3),
            FinishedAt = At(6),
            Worker = "w@h",
            Runtime = TimeSpan.FromSeconds(3),
            Retries = 0,
            RootId = "r",
            ParentId = "p",
            GroupId = "g",
            Error = "ValueError('no')",
            Progress = 0.5,
            ProgressText = "half",
            LastSequence = 6,
        };
        Assert.Equal(expected, await GetAsync("t1"));
        Assert.Equal(
            [
                """1 State {"state":"PENDING"}""",
                """2 State {"state":"RECEIVED","worker":"w@h"}""",
                """3 State {"state":"STARTED","worker":"w@h"}""",
                """4 Progress {"fraction":0.5}""",
                """5 Log {"line":"é"}""",
                """6 State {"state":"FAILURE","worker":"w@h","runtime":3,"error":"ValueError(\u0027no\u0027)"}""",
            ],
            (await EntriesAsync("t1")).Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Sequence} {entry.Kind} {entry.Data}")));
    }

    [Fact]
    public async Task Get_UnknownTask_IsNull()
    {
        Assert.Null(await Store.Tasks.GetAsync(TaskRecord.DefaultTenant, "nobody", Stop));
        Assert.Empty(await EntriesAsync("nobody"));
    }

    [Fact]
    public async Task Record_OtherTenant_IsSeparate()
    {
        await RecordAsync(Submitted("t1"), Submitted("t1") with { Tenant = "blue", Name = "tasks.blue" });

        Assert.Equal("tasks.add", (await GetAsync("t1")).Name);
        Assert.Equal("tasks.blue", (await Store.Tasks.GetAsync("blue", "t1", Stop))!.Name);
        Assert.Single((await Store.Tasks.ListAsync(new TaskQuery { Tenant = "blue" }, Stop)).Tasks);
    }

    [Fact]
    public async Task Record_ReturnsTasksWithNewEntries()
    {
        IReadOnlyList<string> touched = await RecordAsync(Submitted("a"), Submitted("b"), new TaskChange { TaskId = "a", At = At(1), Queue = "other" });
        IReadOnlyList<string> again = await RecordAsync(new TaskChange { TaskId = "a", At = At(2), Queue = "third" });

        Assert.Equal(["a", "b"], touched);
        Assert.Empty(again);
    }

    [Fact]
    public async Task Record_WithCursor_BothSurviveReopening()
    {
        Assert.Null(await Store.Tasks.GetCursorAsync("events", Stop));
        await Store.Tasks.RecordAsync(new HistoryBatch([Submitted("t1")], [], ("events", 41)), Stop);
        await Store.Tasks.RecordAsync(new HistoryBatch([], [], ("events", 42)), Stop);
        await ReopenAsync();

        Assert.Equal(42, await Store.Tasks.GetCursorAsync("events", Stop));
        Assert.Null(await Store.Tasks.GetCursorAsync("completions", Stop));
        Assert.NotNull(await GetAsync("t1"));
    }

    [Fact]
    public async Task Record_FailsInTheMiddle_NeitherChangesNorCursorAreKept()
    {
        TaskChange broken = Submitted("t2") with { Entry = (TaskEntryKind.Log, default), TaskId = null! };

        await Assert.ThrowsAnyAsync<Exception>(async () => await Store.Tasks.RecordAsync(new HistoryBatch([Submitted("t1"), broken], [], ("events", 7)), Stop));

        Assert.Null(await Store.Tasks.GetAsync(TaskRecord.DefaultTenant, "t1", Stop));
        Assert.Null(await Store.Tasks.GetCursorAsync("events", Stop));
        await RecordAsync(Submitted("t3"));
        Assert.NotNull(await GetAsync("t3"));
    }

    [Fact]
    public async Task Record_BadBatchBesideGoodOnes_OnlyTheBadOneFails()
    {
        Task[] good = [.. Enumerable.Range(0, 50).Select(i => RecordAsync(Submitted("g" + i.ToString(CultureInfo.InvariantCulture))).AsTask())];
        Task bad = RecordAsync(Submitted(null!)).AsTask();
        await Task.WhenAll(good);

        await Assert.ThrowsAnyAsync<Exception>(() => bad);
        Assert.Equal(50, (await Store.Tasks.ListAsync(new TaskQuery { Limit = 100 }, Stop)).Tasks.Count);
    }

    [Fact]
    public async Task Record_ManyLogLines_TheLastThousandAndAllStatesAreKept()
    {
        await RecordAsync(Submitted("t1"));
        for (int block = 0; block < 5; block++)
        {
            await RecordAsync([.. Enumerable.Range(0, 500).Select(i => new TaskChange
            {
                TaskId = "t1", At = At(1), Entry = (TaskEntryKind.Log, RawJson.From(i)),
            })]);
        }

        IReadOnlyList<TaskEntry> entries = await EntriesAsync("t1");
        Assert.Equal(TaskEntryKind.State, entries[0].Kind);
        Assert.Equal(1, entries[0].Sequence);
        Assert.InRange(entries.Count - 1, 1000, 1100);
        Assert.Equal(2501, entries[^1].Sequence);
        Assert.Equal(entries.Skip(1).Select(entry => entry.Sequence), Enumerable.Range(0, entries.Count - 1).Select(i => 2501L - (entries.Count - 2) + i));
    }

    [Fact]
    public async Task GetEntries_AfterAndMax_AreTheNextOnes()
    {
        await RecordAsync([.. Enumerable.Range(1, 10).Select(i => new TaskChange { TaskId = "t1", At = At(i), Entry = (TaskEntryKind.Log, RawJson.From(i)) })]);

        Assert.Equal([5, 6, 7], (await EntriesAsync("t1", after: 4, max: 3)).Select(entry => entry.Sequence));
        Assert.Empty(await EntriesAsync("t1", after: 10));
    }

    [Fact]
    public async Task Prune_OldTasks_GoWithTheirEntries()
    {
        await RecordAsync(Submitted("old", 0), Submitted("young", 100));

        Assert.Equal(1, await Store.Tasks.PruneAsync(new HistoryRetention(TimeSpan.FromSeconds(50), 1000), At(120), Stop));

        Assert.Null(await Store.Tasks.GetAsync(TaskRecord.DefaultTenant, "old", Stop));
        Assert.Empty(await EntriesAsync("old"));
        Assert.NotNull(await GetAsync("young"));
    }

    [Fact]
    public async Task Prune_TooMany_OldestEndedGoAndWaitingStay()
    {
        await RecordAsync(Submitted("waiting"));
        await RecordAsync([.. Enumerable.Range(1, 5).Select(i => new TaskChange
        {
            TaskId = "done" + i.ToString(CultureInfo.InvariantCulture), At = At(i), State = TaskState.Success, Certain = true,
        })]);

        Assert.Equal(3, await Store.Tasks.PruneAsync(new HistoryRetention(TimeSpan.FromDays(1), 3), At(10), Stop));

        Assert.Equal(["done5", "done4", "waiting"], (await Store.Tasks.ListAsync(new TaskQuery(), Stop)).Tasks.Select(task => task.Id));
    }
}
