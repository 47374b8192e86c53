using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Essaim.Server.Tests;

/// <summary>HTTP in, a real worker on a real SQLite file, HTTP out.</summary>
public sealed class EndToEndTests : IAsyncLifetime
{
    private ServerHarness _core = null!;
    private LocalTasks _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _core = await ServerHarness.StartAsync();
        _worker = new LocalTasks(_core.Backend);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _core.DisposeAsync();
    }

    [Fact]
    public async Task Add_Submitted_ItsResultComes()
    {
        string id = await _core.SubmitAsync("""{"name": "tasks.add", "args": [2, 3]}""");

        Answer answer = await _core.GetAsync($"/v1/tasks/{id}/result?wait=60");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(5, (int)answer.Json["result"]!);
        JsonNode task = (await _core.UntilAsync($"/v1/tasks/{id}", task => (string)task.Json["state"]! == "SUCCESS")).Json;
        Assert.Equal("local@test", (string)task["worker"]!);
        Assert.Equal("(2, 3)", (string)task["args"]!);
    }

    [Fact]
    public async Task Fail_Submitted_ItsErrorComes()
    {
        string id = await _core.SubmitAsync("""{"name": "tasks.fail"}""");

        JsonNode error = (await _core.GetAsync($"/v1/tasks/{id}/result?wait=60")).Json["error"]!;

        Assert.Equal("InvalidOperationException", (string)error["type"]!);
        Assert.Equal("no luck", (string)error["message"]!);
        await _core.UntilAsync($"/v1/tasks/{id}", task => ((string?)task.Json["error"])?.Contains("no luck", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Talk_Followed_LogAndProgressAndEndAreTold()
    {
        // Until the worker was heard of and asked, it sends no task events.
        await _core.UntilAsync("/v1/workers", answer => answer.Json["workers"]!.AsArray().Count == 1);
        string text;
        do
        {
            string id = await _core.SubmitAsync("""{"name": "tasks.talk"}""");
            text = await _core.Http.GetStringAsync($"/v1/tasks/{id}/events", ServerHarness.Stop);
            Assert.Contains("event: end\ndata: {\"state\":\"SUCCESS\"}", text, StringComparison.Ordinal);
        }
        while (!text.Contains("STARTED", StringComparison.Ordinal));

        Assert.Contains("\"level\":\"info\",\"line\":\"first line\"", text, StringComparison.Ordinal);
        Assert.Contains("\"fraction\":0.5,\"text\":\"half\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_CancelledWithTerminate_IsRevoked()
    {
        string id = await _core.SubmitAsync("""{"name": "tasks.wait"}""");
        await _core.UntilAsync($"/v1/tasks/{id}", task => (string?)task.Json["message"]?["place"] == "in_flight");

        await _core.PostAsync($"/v1/tasks/{id}/cancel", """{"terminate": true}""");

        Assert.Equal("REVOKED", (string)(await _core.GetAsync($"/v1/tasks/{id}/result?wait=60")).Json["state"]!);
    }

    [Fact]
    public async Task Unknown_Submitted_EndsAmongTheDeadLetters()
    {
        string id = await _core.SubmitAsync("""{"name": "tasks.nobody_knows"}""");

        Answer answer = await _core.UntilAsync("/v1/dead-letters", answer => answer.Json["dead_letters"]!.AsArray().Count == 1);

        Assert.Equal(id, (string)answer.Json["dead_letters"]![0]!["task_id"]!);
        await _core.UntilAsync($"/v1/tasks/{id}", task => (string)task.Json["state"]! == "FAILURE");
    }

    [Fact]
    public async Task Batch_OfAThousand_AllAreInTheHistoryOnce()
    {
        string tasks = string.Join(',', Enumerable.Range(0, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"name\":\"tasks.add\",\"args\":[{i},1]}}")));
        Assert.Equal(HttpStatusCode.Accepted, (await _core.PostAsync("/v1/tasks/batch", $"{{\"tasks\":[{tasks}]}}")).Status);

        Answer done = await _core.UntilAsync("/v1/tasks?state=SUCCESS&limit=1000", answer => answer.Json["tasks"]!.AsArray().Count == 1000);

        Assert.Null(done.Json["next"]);
        Assert.Equal(1000, done.Json["tasks"]!.AsArray().Select(task => (string)task!["id"]!).Distinct().Count());
        Assert.Empty((await _core.GetAsync("/v1/tasks?state=PENDING,STARTED,RECEIVED")).Json["tasks"]!.AsArray());
    }
}
