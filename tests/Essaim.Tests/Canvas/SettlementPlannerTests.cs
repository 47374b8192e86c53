using Essaim.Protocol;

namespace Essaim.Tests.Canvas;

public sealed class SettlementPlannerTests
{
    private static readonly TaskMessage Message = MessageCodec.WithBody(
        new TaskMessage { Id = "t", Task = "tasks.add", RoutingKey = "celery", DeliveryTag = "d" },
        new TaskBody(RawJson.EmptyArray, RawJson.EmptyObject, TaskEmbed.Empty));

    private static readonly Delivery Delivery = new()
    {
        Lease = new Lease("m", "token", DateTimeOffset.UnixEpoch),
        Queue = "celery",
        TaskId = "t",
        DeliveryCount = 1,
        ReadySince = DateTimeOffset.UnixEpoch,
        Envelope = MessageCodec.Encode(Message),
    };

    private readonly SettlementPlanner _planner = new(null, new TaskClientOptions(), TimeProvider.System);

    [Theory]
    [InlineData((int)OutcomeKind.GivenBack, false, SettleAction.Release)]
    [InlineData((int)OutcomeKind.Rejected, true, SettleAction.Requeue)]
    public void Plan_GivenBackOrRequeued_ChangesNothingElse(int kind, bool requeue, SettleAction action)
    {
        Settlement settlement = _planner.Plan(Delivery, Message, new TaskOutcome { Kind = (OutcomeKind)kind, Requeue = requeue }, "w");

        Assert.Equal(action, settlement.Action);
        Assert.Empty(settlement.Results);
        Assert.Null(settlement.Completion);
    }

    [Fact]
    public void Plan_Success_StoresWhoRanItAndForHowLongItIsKept()
    {
        Settlement settlement = _planner.Plan(
            Delivery, Message, new TaskOutcome { Kind = OutcomeKind.Success, Result = RawJson.Parse("3"), Runtime = TimeSpan.FromSeconds(2) }, "w@h");

        ResultWrite write = Assert.Single(settlement.Results);
        ResultDocument document = ResultDocument.Decode(write.Document);
        Assert.Equal((SettleAction.Complete, TaskState.Success, TimeSpan.FromDays(1)), (settlement.Action, write.State, write.ExpiresAfter));
        Assert.Equal(("tasks.add", "w@h", "celery", 0, "3"), (document.Name, document.Worker, document.Queue, document.Retries, document.Result.ToString()));
        Assert.Equal((TaskState.Success, TimeSpan.FromSeconds(2), "t"), (settlement.Completion!.State, settlement.Completion.Runtime, settlement.Completion.RootId));
        Assert.Same(Outgoing.Nothing, settlement.Publish);
    }

    [Fact]
    public void Plan_RetryOfAUniqueTask_KeepsItsKeyWithoutAskingForItAgain()
    {
        TaskMessage unique = Message with { Headers = new Dictionary<string, RawJson> { ["essaim-unique"] = RawJson.Parse("\"k\"") } };

        Settlement retry = _planner.Plan(Delivery, unique, new TaskOutcome { Kind = OutcomeKind.Retry, RetryAfter = TimeSpan.FromSeconds(5) }, "w");
        Settlement end = _planner.Plan(Delivery, unique, new TaskOutcome { Kind = OutcomeKind.Success }, "w");

        Assert.Null(retry.UniqueKey);
        Assert.Null(retry.Completion);
        OutgoingMessage again = Assert.Single(retry.Publish.Messages);
        Assert.Null(again.UniqueKey);
        Assert.Equal("\"k\"", MessageCodec.Decode(again.Envelope).Headers["essaim-unique"].ToString());
        Assert.Equal("k", end.UniqueKey);
    }

    [Fact]
    public void Plan_Ignored_StoresNothingButEndsTheTask()
    {
        Settlement settlement = _planner.Plan(Delivery, Message, new TaskOutcome { Kind = OutcomeKind.Ignored }, "w");

        Assert.Equal(SettleAction.Complete, settlement.Action);
        Assert.Empty(settlement.Results);
        Assert.Equal("IGNORED", settlement.Completion!.State.Name);
    }

    [Fact]
    public void Plan_RejectedForGood_IsADeadLetterWithAFailure()
    {
        Settlement settlement = _planner.Plan(Delivery, Message, new TaskOutcome { Kind = OutcomeKind.Rejected, Reason = "not mine" }, "w");

        Assert.Equal((SettleAction.DeadLetter, "not mine"), (settlement.Action, settlement.Reason));
        ResultDocument document = ResultDocument.Decode(Assert.Single(settlement.Results).Document);
        Assert.Equal(ExceptionDocument.Of("Reject", "not mine", "celery.exceptions"), ExceptionDocument.Decode(document.Result));
    }

    [Fact]
    public void PlanDeadLetter_OfAnUnreadableMessage_OnlyBuriesIt()
    {
        Settlement settlement = _planner.PlanDeadLetter(Delivery, null, "not JSON", ExceptionDocument.Of("DecodeError", "x", ""), "w");

        Assert.Equal((SettleAction.DeadLetter, "not JSON"), (settlement.Action, settlement.Reason));
        Assert.Empty(settlement.Results);
    }

    [Fact]
    public void Plan_BodyThatCannotBeRead_IsStillSettled()
    {
        TaskMessage broken = Message with { EncodedBody = "!!"u8.ToArray() };

        Settlement settlement = _planner.Plan(Delivery, broken, new TaskOutcome { Kind = OutcomeKind.Failure, Reason = "it broke" }, "w");

        ResultDocument document = ResultDocument.Decode(Assert.Single(settlement.Results).Document);
        Assert.Equal("WorkerLostError('it broke')", ExceptionDocument.Decode(document.Result).ToRepr());
    }
}
