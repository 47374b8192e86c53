using Essaim.Protocol;

namespace Essaim.Storage.Tests;

public sealed class TaskRecordTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static TaskChange To(TaskState state, double seconds, bool certain = false) => new()
    {
        TaskId = "t",
        At = Start.AddSeconds(seconds),
        State = state,
        Certain = certain,
    };

    private static TaskRecord Apply(params TaskChange[] changes) => changes.Aggregate((TaskRecord?)null, TaskRecord.Apply)!;

    [Fact]
    public void Apply_StartedAfterCompletionWasRead_StaysEndedButKnowsWhenItStarted()
    {
        TaskRecord record = Apply(To(TaskState.Success, 5, certain: true), To(TaskState.Started, 3));

        Assert.Equal(TaskState.Success, record.State);
        Assert.Equal(Start.AddSeconds(3), record.StartedAt);
        Assert.Equal(Start.AddSeconds(5), record.FinishedAt);
    }

    [Fact]
    public void Apply_StartedAgainLater_IsOpenAgain()
    {
        TaskRecord record = Apply(To(TaskState.Failure, 5, certain: true) with { Error = "no" }, To(TaskState.Started, 6));

        Assert.Equal(TaskState.Started, record.State);
        Assert.Null(record.FinishedAt);
        Assert.Null(record.Error);
    }

    [Fact]
    public void Apply_EventSaysFailureAfterBrokerSaidSuccess_StaysSuccess() =>
        Assert.Equal(TaskState.Success, Apply(To(TaskState.Success, 5, certain: true), To(TaskState.Failure, 6)).State);

    [Fact]
    public void Apply_BrokerSaysRevokedAfterEventSaidSuccess_IsRevoked() =>
        Assert.Equal(TaskState.Revoked, Apply(To(TaskState.Success, 5), To(TaskState.Revoked, 4, certain: true)).State);

    [Fact]
    public void Apply_EventsOutOfOrder_TheNewerStateStays() =>
        Assert.Equal(TaskState.Started, Apply(To(TaskState.Pending, 0), To(TaskState.Started, 2), To(TaskState.Received, 1)).State);

    [Fact]
    public void Apply_PendingAfterStarted_KeepsStateAndTakesSubmissionFacts()
    {
        TaskRecord record = Apply(To(TaskState.Started, 2), To(TaskState.Pending, 1) with { SubmittedAt = Start.AddSeconds(1), Name = "n" });

        Assert.Equal(TaskState.Started, record.State);
        Assert.Equal(Start.AddSeconds(1), record.SubmittedAt);
        Assert.Equal("n", record.Name);
    }

    [Fact]
    public void Apply_Restart_ClearsWhatTheFirstRunLeft()
    {
        TaskRecord record = Apply(
            To(TaskState.Started, 1),
            To(TaskState.Failure, 2, certain: true) with { Error = "no", Runtime = TimeSpan.FromSeconds(1), Worker = "w" },
            new TaskChange { TaskId = "t", At = Start.AddSeconds(3), Restart = true });

        Assert.Equal(new TaskRecord { Id = "t", SubmittedAt = Start.AddSeconds(1), StateAt = Start.AddSeconds(3), ChangedAt = Start.AddSeconds(3) }, record);
    }

    [Fact]
    public void Apply_ErrorHeardAfterTheBrokersWord_IsFilledIn() =>
        Assert.Equal("boom", Apply(To(TaskState.Failure, 5, certain: true), To(TaskState.Failure, 5) with { Error = "boom" }).Error);

    [Fact]
    public void Apply_RetryThenStarted_TheErrorOfTheRetryIsGone()
    {
        TaskRecord retry = Apply(To(TaskState.Started, 1), To(TaskState.Retry, 2) with { Error = "first" });
        Assert.Equal("first", retry.Error);
        Assert.Null(TaskRecord.Apply(retry, To(TaskState.Success, 4)).Error);
    }

    [Fact]
    public void Apply_LongTexts_AreCut()
    {
        TaskRecord record = Apply(To(TaskState.Pending, 0) with { Args = new string('a', 5000) }, To(TaskState.Failure, 1) with { Error = new string('e', 9000) });

        Assert.Equal(1024, record.Args!.Length);
        Assert.EndsWith("a…", record.Args, StringComparison.Ordinal);
        Assert.Equal(8192, record.Error!.Length);
    }

    [Fact]
    public void IsNewState_SameEndHeardFromEventAndBroker_IsOneEntry()
    {
        TaskRecord byEvent = Apply(To(TaskState.Success, 5));
        TaskChange completion = To(TaskState.Success, 5.1, certain: true);

        Assert.False(TaskRecord.Apply(byEvent, completion).IsNewState(byEvent, completion));
    }

    [Fact]
    public void IsNewState_SecondRunEndsAlike_IsAnotherEntry()
    {
        TaskRecord first = Apply(To(TaskState.Failure, 5, certain: true));
        TaskChange second = To(TaskState.Failure, 9, certain: true);

        Assert.True(TaskRecord.Apply(first, second).IsNewState(first, second));
    }
}
