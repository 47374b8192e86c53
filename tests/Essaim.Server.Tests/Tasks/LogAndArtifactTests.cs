using System.Net;
using System.Text;
using Essaim.Protocol;

namespace Essaim.Server.Tests;

/// <summary>What a task has written and left, over HTTP.</summary>
public sealed class LogAndArtifactTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task Log_FromAnOffset_GivesTheRestAndWhereToGoOn()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        string? mark = await WriteAsync(id, null, "one\n");
        await WriteAsync(id, mark, "zwei ü\n");

        Answer all = await _core.GetAsync($"/v1/tasks/{id}/log");
        Answer rest = await _core.GetAsync($"/v1/tasks/{id}/log?from=4");
        Answer end = await _core.GetAsync($"/v1/tasks/{id}/log?from=12");

        Assert.Equal(("one\nzwei ü\n", "text/plain"), (all.Text, all.ContentHeaders.ContentType?.MediaType));
        Assert.Equal(("zwei ü\n", "12"), (rest.Text, rest.Headers.GetValues("Essaim-Log-Next").Single()));
        Assert.Equal(("", "12"), (end.Text, end.Headers.GetValues("Essaim-Log-Next").Single()));
        Assert.Equal(HttpStatusCode.BadRequest, (await _core.GetAsync($"/v1/tasks/{id}/log?from=-1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _core.GetAsync("/v1/tasks/unknown/log")).Status);
    }

    [Fact]
    public async Task LogEvents_CutOffAtAnyPlace_GoOnWithoutLossOrDouble()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        string? mark = null;
        for (int i = 0; i < 10; i++)
            mark = await WriteAsync(id, mark, $"line {i}\n");
        using (StreamReader live = await FollowAsync(id, "0"))
        {
            for (int i = 0; i < 3; i++)
                await NextAsync(live);
        }

        // The second half while it is followed, then the end.
        using StreamReader again = await FollowAsync(id, "14");
        List<string> told = [];
        for (string? next = await NextAsync(again); next is not null; next = await NextAsync(again))
        {
            told.Add(next);
            if (next.StartsWith("id: 70", StringComparison.Ordinal))
            {
                await _core.Backend.Logs.AppendAsync(
                    new TaskLogAppend(id, mark, "end", Hour) { Pieces = [new TaskLogPiece(TaskLogSource.Error, TimeProvider.System.GetUtcNow(), (byte[])[0xff, 10])] }, ServerHarness.Stop);
                await _core.EndAsync(TaskState.Success);
            }
        }

        Assert.Equal("retry: 2000", told[0]);
        Assert.Equal(
            [.. Enumerable.Range(2, 8).Select(i => $"id: {(i + 1) * 7} event: output line {i}"), "id: 72 event: error /wo=", "event: end SUCCESS"],
            told.Skip(1).Select(Brief));
    }

    [Fact]
    public async Task Artifacts_OfATask_AreListedAndDownloaded()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        Answer none = await _core.GetAsync($"/v1/tasks/{id}/artifacts");
        string blob = await _core.Backend.Blobs.PutAsync("<script>"u8.ToArray(), Hour, ServerHarness.Stop);
        TaskLeavings leavings = new(
            [new TaskArtifact("plots/a b.html", 8, "Plot", blob), new TaskArtifact("../up.txt", 8, null, blob), new TaskArtifact("only-told.txt", 5, null, null)],
            [new SkippedArtifact("link", "it is a link")]);
        string list = await leavings.WriteAsync(_core.Backend.Blobs, Hour, ServerHarness.Stop);
        await _core.Backend.Logs.AppendAsync(new TaskLogAppend(id, null, new RunMark { Run = "r", Left = list }.Encode(), Hour), ServerHarness.Stop);

        Answer listed = await _core.GetAsync($"/v1/tasks/{id}/artifacts");
        Answer file = await _core.GetAsync($"/v1/tasks/{id}/artifacts/plots/a%20b.html");

        Assert.Equal("[]", none.Json["artifacts"]!.ToJsonString());
        Assert.Equal($$"""{"path":"plots/a b.html","size":8,"title":"Plot","sha256":"{{blob}}"}""", listed.Json["artifacts"]![0]!.ToJsonString());
        Assert.Equal("""[{"path":"link","reason":"it is a link"}]""", listed.Json["skipped"]!.ToJsonString());
        Assert.Equal((HttpStatusCode.OK, "<script>", "application/octet-stream"), (file.Status, file.Text, file.ContentHeaders.ContentType?.MediaType));
        Assert.Equal("attachment", file.ContentHeaders.ContentDisposition?.DispositionType);
        Assert.Equal("nosniff", file.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal($"\"{blob}\"", file.Headers.ETag?.Tag);
        foreach (string path in (string[])["nothing.txt", "only-told.txt", "plots", "..%2f..%2fetc/passwd", "plots%5ca%20b.html", "%2fetc/passwd"])
            Assert.Equal(HttpStatusCode.NotFound, (await _core.GetAsync($"/v1/tasks/{id}/artifacts/{path}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _core.GetAsync("/v1/tasks/unknown/artifacts")).Status);
    }

    private static string Brief(string told)
    {
        int data = told.IndexOf(" data: ", StringComparison.Ordinal);
        System.Text.Json.Nodes.JsonNode json = System.Text.Json.Nodes.JsonNode.Parse(told[(data + 7)..])!;
        return $"{told[..data]} {((string?)json["text"] ?? (string?)json["base64"] ?? (string?)json["state"])!.TrimEnd('\n')}";
    }

    private async Task<string?> WriteAsync(string id, string? mark, string text) => await _core.Backend.Logs.AppendAsync(
        new TaskLogAppend(id, mark, $"{mark}+", Hour) { Pieces = [new TaskLogPiece(TaskLogSource.Output, TimeProvider.System.GetUtcNow(), Encoding.UTF8.GetBytes(text))] }, ServerHarness.Stop);

    private async Task<StreamReader> FollowAsync(string id, string lastEventId)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/v1/tasks/{id}/log/events");
        request.Headers.Add("Last-Event-ID", lastEventId);
        HttpResponseMessage response = await _core.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ServerHarness.Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new StreamReader(await response.Content.ReadAsStreamAsync(ServerHarness.Stop));
    }

    private static async Task<string?> NextAsync(StreamReader stream)
    {
        List<string> lines = [];
        while (await stream.ReadLineAsync(ServerHarness.Stop) is { } line)
        {
            if (line.Length > 0)
                lines.Add(line);
            else if (lines.Count > 0)
                return string.Join(' ', lines);
        }

        return null;
    }
}
