using System.Text;
using Essaim.Protocol;

namespace Essaim.Tests.Canvas;

public sealed class ChordReleaseTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ChordPartResult Good = new(0, "a", TaskState.Success, RawJson.Parse("1"));

    [Fact]
    public void Compose_AllSucceeded_FillsTheBodyInOrder()
    {
        ChordReleaseResult release = ChordRelease.Compose([Good, new ChordPartResult(null, "b", TaskState.Success, RawJson.Parse("\"x\""))], Body(), Now);

        OutgoingMessage message = Assert.Single(release.Publish.Messages);
        Assert.Equal("""[[[1,"x"],7],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]""", BodyOf(message));
        Assert.Empty(release.Results);
        Assert.Empty(release.OuterParts);
        Assert.Null(release.Completion);
    }

    [Fact]
    public void Compose_OneFailed_FailsTheBodyAndAllThatDependsOnIt()
    {
        OutgoingMessage errback = Body().Message with { TaskId = "errback" };
        ChordPart outer = new() { GroupId = "outer", TaskId = "body", State = TaskState.Failure, Result = RawJson.Null, Body = Body() };
        ChordBody body = Body() with { OnError = Outgoing.Of(errback), AlsoFails = ["next"], OuterPart = outer, ResultExpiresAfter = TimeSpan.FromHours(1) };
        ChordPartResult failed = new(1, "b", TaskState.Revoked, ExceptionDocument.Of("TaskRevokedError", "expired", "celery.exceptions").Encode());

        ChordReleaseResult release = ChordRelease.Compose([Good, failed], body, Now);

        RawJson error = ExceptionDocument.Of("ChordError", "Dependency b raised TaskRevokedError('expired')", "celery.exceptions").Encode();
        Assert.Equal(["errback"], release.Publish.Messages.Select(message => message.TaskId));
        Assert.Equal(["body", "next"], release.Results.Select(write => write.TaskId));
        Assert.All(release.Results, write =>
        {
            Assert.Equal(TimeSpan.FromHours(1), write.ExpiresAfter);
            ResultDocument document = ResultDocument.Decode(write.Document);
            Assert.Equal((TaskState.Failure, error, Now), (document.State, document.Result, document.DateDone));
        });
        ChordPart part = Assert.Single(release.OuterParts);
        Assert.Equal(("outer", TaskState.Failure, error), (part.GroupId, part.State, part.Result));
        Assert.Equal(new Completion("body", "tasks.tsum", TaskState.Failure, "celery", "", Now, TimeSpan.Zero, null), release.Completion);
    }

    [Fact]
    public void Compose_FailedPartWithAStrangeResult_StillFailsTheBody()
    {
        ChordReleaseResult release = ChordRelease.Compose([new ChordPartResult(0, "a", TaskState.Failure, RawJson.Parse("17"))], Body(), Now);

        ExceptionDocument error = ExceptionDocument.Decode(ResultDocument.Decode(Assert.Single(release.Results).Document).Result);
        Assert.Equal("Dependency a raised 17", error.GetText());
    }

    private static ChordBody Body()
    {
        TaskMessage message = new() { Id = "body", Task = "tasks.tsum", RoutingKey = "celery", DeliveryTag = "tag" };
        TaskBody body = new(RawJson.Parse("[7]"), RawJson.EmptyObject, TaskEmbed.Empty);
        return new ChordBody
        {
            Template = MessageTemplate.Create(message, body, immutable: false),
            Message = new OutgoingMessage { Envelope = default, TaskId = "body", TaskName = "tasks.tsum", Queue = "celery" },
        };
    }

    private static string BodyOf(OutgoingMessage message) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(Encoding.UTF8.GetString(MessageCodec.Decode(message.Envelope).EncodedBody.Span)));
}
