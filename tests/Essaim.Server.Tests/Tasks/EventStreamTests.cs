using System.Net;
using System.Text.RegularExpressions;
using Essaim.Protocol;

namespace Essaim.Server.Tests;

public sealed partial class EventStreamTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task Follow_WholeLife_IsToldInOrderAndEnds()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        using StreamReader stream = await FollowAsync(id);
        Assert.Equal("retry: 2000", await NextAsync(stream));
        Assert.Equal("""id: 1 event: state data: {"at":"T","state":"PENDING"}""", await NextAsync(stream));

        await _core.AnnounceAsync("task-started", id);
        Assert.Equal("""id: 2 event: state data: {"at":"T","state":"STARTED","worker":"w@h"}""", await NextAsync(stream));
        await _core.AnnounceAsync("task-progress", id, "\"fraction\":0.5,\"text\":\"half\",\"data\":{\"n\":1}");
        Assert.Equal("""id: 3 event: progress data: {"at":"T","fraction":0.5,"text":"half","data":{"n":1}}""", await NextAsync(stream));
        await _core.AnnounceAsync("task-log", id, "\"level\":\"stdout\",\"line\":\"grüße\"");
        Assert.Equal("""id: 4 event: log data: {"at":"T","level":"stdout","line":"grüße"}""", await NextAsync(stream));
        await _core.EndAsync(TaskState.Success);
        Assert.Equal("""id: 5 event: state data: {"at":"T","state":"SUCCESS","worker":"w@h","runtime":1.5}""", await NextAsync(stream));
        Assert.Equal("""event: end data: {"state":"SUCCESS"}""", await NextAsync(stream));
        Assert.Null(await NextAsync(stream));
    }

    [Fact]
    public async Task Follow_LastEventId_GoesOnAfterIt()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        await _core.EndAsync(TaskState.Success);
        await _core.UntilAsync($"/v1/tasks/{id}", answer => (string)answer.Json["state"]! == "SUCCESS");

        using StreamReader stream = await FollowAsync(id, lastEventId: "1");
        await NextAsync(stream);
        Assert.StartsWith("id: 2 event: state", await NextAsync(stream), StringComparison.Ordinal);
        Assert.StartsWith("event: end", await NextAsync(stream), StringComparison.Ordinal);

        using StreamReader again = await FollowAsync(id, lastEventId: "2");
        await NextAsync(again);
        Assert.StartsWith("event: end", await NextAsync(again), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Follow_LinesNoLongerKept_ToldAsAGap()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        EventRecord[] lines = [.. Enumerable.Range(0, 1500).Select(i => new EventRecord(
            "task-log", "w@h", id, TimeProvider.System.GetUtcNow(), RawJson.From(new { type = "task-log", uuid = id, level = "info", line = $"{i}" })))];
        await _core.Backend.Events.PublishAsync(lines, ServerHarness.Stop);
        await _core.AnnounceAsync("task-progress", id, "\"fraction\":1,\"text\":\"all logged\",\"data\":null");
        await _core.UntilAsync($"/v1/tasks/{id}", answer => (string?)answer.Json["progress"]?["text"] == "all logged");
        await _core.EndAsync(TaskState.Success);

        using StreamReader stream = await FollowAsync(id);
        List<string> told = [];
        while (await NextAsync(stream) is { } next)
            told.Add(next);

        Assert.Contains(told, text => GapText().IsMatch(text));
        Assert.Contains(told, text => text.EndsWith("\"line\":\"1499\"}", StringComparison.Ordinal));
        Assert.DoesNotContain(told, text => text.EndsWith("\"line\":\"0\"}", StringComparison.Ordinal));
        Assert.Equal("""event: end data: {"state":"SUCCESS"}""", told[^1]);
    }

    [Fact]
    public async Task Follow_CoreRestarts_TheStreamGoesOnWhereItWas()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        StreamReader stream = await FollowAsync(id);
        await NextAsync(stream);
        Assert.StartsWith("id: 1", await NextAsync(stream), StringComparison.Ordinal);
        await _core.RestartAsync();
        Assert.Null(await NextAsync(stream));
        stream.Dispose();
        await _core.EndAsync(TaskState.Success);

        using StreamReader again = await FollowAsync(id, lastEventId: "1");
        await NextAsync(again);
        Assert.StartsWith("id: 2 event: state", await NextAsync(again), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Follow_BadLastEventId_IsRefused()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/tasks/x/events");
        request.Headers.Add("Last-Event-ID", "soon");
        (await _core.SendAsync(request)).IsProblem(
            400, "ESS5012", "Invalid parameters", "A parameter of the request is wrong.", ("Last-Event-ID", "must be the id of an event of this stream, a whole number, not 'soon'"));
    }

    [Fact]
    public async Task Follow_UnknownTask_IsNotFound() => Assert.Equal("ESS5020", (await _core.GetAsync("/v1/tasks/nobody/events")).Code);

    private async Task<StreamReader> FollowAsync(string id, string? lastEventId = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/v1/tasks/{id}/events");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        HttpResponseMessage response = await _core.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ServerHarness.Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new StreamReader(await response.Content.ReadAsStreamAsync(ServerHarness.Stop));
    }

    /// <summary>The next block as one line, its instant as T; null at the end of the stream.</summary>
    private static async Task<string?> NextAsync(StreamReader stream)
    {
        List<string> lines = [];
        while (await stream.ReadLineAsync(ServerHarness.Stop) is { } line)
        {
            if (line.Length > 0)
                lines.Add(line);
            else if (lines is not [] and not [[':', ..]])
                return At().Replace(string.Join(' ', lines), "\"at\":\"T\"");
            else
                lines.Clear();
        }

        return null;
    }

    [GeneratedRegex("\"at\":\"[^\"]*\"")]
    private static partial Regex At();

    [GeneratedRegex("""^event: gap data: \{"from":2,"to":\d+\}$""")]
    private static partial Regex GapText();
}
