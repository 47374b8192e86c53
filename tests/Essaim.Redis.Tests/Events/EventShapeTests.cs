using System.Text;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>Event messages beside those captured from Celery 5.2.6.</summary>
public sealed class EventShapeTests
{
    private const string CapturedBody =
        """[{"hostname": "w1@vm", "utcoffset": 0, "pid": 12078, "clock": 2, "uuid": "0e56d5b0-5276-4afd-bf39-166697b89c15", "timestamp": 1795314200.7374787, "type": "task-started"}]""";

    private static readonly string Captured =
        $$$"""{"body": "{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(CapturedBody))}}}", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"hostname": "w1@vm"}, "properties": {"delivery_mode": 1, "delivery_info": {"exchange": "celeryev", "routing_key": "task.multi"}, "priority": 0, "body_encoding": "base64", "delivery_tag": "8c87ac0b-963a-4bf3-a2a3-5f027da08823"}}""";

    [Fact]
    public void Read_Captured_GivesItsEvent()
    {
        EventRecord read = Assert.Single(EventMessage.Read(RawMessages.Bytes(Captured), out int malformed));

        Assert.Equal(0, malformed);
        Assert.Equal(("task-started", "w1@vm", "0e56d5b0-5276-4afd-bf39-166697b89c15"), (read.Type, read.Hostname, read.TaskId));
        Assert.Equal("2026-11-22T02:23:20.737478", read.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", null));
        Assert.Equal(CapturedBody[1..^1], read.Body.ToString());
    }

    [Fact]
    public void Batches_ReadAgain_WriteTheCapturedMessage()
    {
        EventRecord read = Assert.Single(EventMessage.Read(RawMessages.Bytes(Captured), out _));

        EventBatch batch = Assert.Single(EventBatches.Of([read]));

        Assert.Null(batch.Facts);
        Assert.Equal(CapturedBody, Encoding.UTF8.GetString(batch.Body.Span));
        ReadOnlyMemory<byte> written = KombuEnvelope.Write(
            batch.Body.Span, json => json.WriteString("hostname", batch.Hostname), 1, "celeryev", batch.RoutingKey);
        Assert.Equal(RawMessages.ShapeOfText(Captured), RawMessages.Shape(written));
    }

    [Fact]
    public void Batches_Mixed_ListTasksAndSendOthersSingly()
    {
        EventBatch[] batches =
        [
            .. EventBatches.Of(
            [
                Event("task-received", "a"), Event("task-started", "a"), Event("task-log", "b"), Event("worker-heartbeat", "a"), Event("schedule-skipped", "a"),
            ]),
        ];

        Assert.Equal(
            ["task.multi a", "task.multi b", "worker.heartbeat a", "schedule.skipped a"], batches.Select(batch => $"{batch.RoutingKey} {batch.Hostname}"));
        Assert.All(batches, batch => Assert.Null(batch.Facts));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("""{"body": 1}""")]
    [InlineData("""{"body": "not base64", "properties": {"body_encoding": "base64"}}""")]
    [InlineData("""{"body": "{\"type\": 1}"}""")]
    [InlineData("""{"body": "{\"type\": \"task-sent\", \"timestamp\": NaN}"}""")]
    [InlineData("""{"body": "{}", "headers": {"essaim-events": [[1]]}}""")]
    [InlineData("""{"body": "[3, null]"}""")]
    public void Read_Malformed_IsCountedAndLeftOut(string envelope)
    {
        Assert.Empty(EventMessage.Read(RawMessages.Bytes(envelope), out int malformed));
        Assert.True(malformed > 0);
    }

    private static EventRecord Event(string type, string hostname)
    {
        string body = $$"""{"type": "{{type}}", "hostname": "{{hostname}}", "timestamp": 1795314200.5}""";
        return new EventRecord(type, hostname, null, DateTimeOffset.FromUnixTimeMilliseconds(1795314200500), RawJson.Parse(body));
    }
}
