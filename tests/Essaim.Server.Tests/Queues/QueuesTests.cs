using System.Net;
using System.Text.Json.Nodes;
using Essaim.Protocol;

namespace Essaim.Server.Tests;

public sealed class QueuesTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task List_EveryPlace_IsCounted()
    {
        await _core.PostAsync("/v1/tasks/batch", """{"tasks": [{"name": "a"}, {"name": "b"}, {"name": "c", "countdown": 1000}, {"name": "d", "queue": "empty"}]}""");
        await _core.ClaimAsync();
        await _core.EndAsync(TaskState.Success, queue: "empty");

        JsonArray queues = (await _core.GetAsync("/v1/queues")).Json["queues"]!.AsArray();

        JsonNode celery = Assert.Single(queues, queue => (string)queue!["name"]! == "celery")!;
        Assert.InRange((double)celery["oldest_ready_seconds"]!, 0, 60);
        celery["oldest_ready_seconds"] = 0;
        Assert.Equal("""{"name":"celery","ready":1,"delayed":1,"in_flight":1,"dead":0,"oldest_ready_seconds":0,"paused":null}""", celery.ToJsonString());
    }

    [Fact]
    public async Task Pause_Queue_HoldsItAndSaysWhyUntilItIsResumed()
    {
        string id = await _core.SubmitAsync("""{"name": "tasks.a"}""");

        JsonNode paused = (await _core.PostAsync("/v1/queues/celery/pause", """{"reason": "The disk is being changed.", "by": "ada"}""")).Json;

        Assert.Equal(("The disk is being changed.", "ada"), ((string)paused["paused"]!["reason"]!, (string)paused["paused"]!["by"]!));
        JsonNode why = (await _core.GetAsync($"/v1/tasks/{id}/why")).Json;
        Assert.Equal(("celery", "paused"), ((string)why["queue"]!, (string)why["reasons"]![0]!["code"]!));
        Assert.Contains("by ada: The disk is being changed.", (string)why["reasons"]![0]!["text"]!, StringComparison.Ordinal);
        Assert.Null((await _core.PostAsync("/v1/queues/celery/resume", null)).Json["paused"]);
        JsonNode next = (await _core.GetAsync($"/v1/tasks/{id}/why")).Json;
        Assert.Equal("no-worker", (string)next["reasons"]![0]!["code"]!);
    }

    [Fact]
    public async Task Why_UnknownTask_IsNotFound() => (await _core.GetAsync("/v1/tasks/nobody/why")).IsProblem(
        404, "ESS5020", "No such task",
        "Neither the history nor the broker knows a task 'nobody'. It may have been removed from the history since, or belong to another broker.");

    [Fact]
    public async Task Pause_WrongField_IsRefused()
    {
        Assert.Equal(422, (int)(await _core.PostAsync("/v1/queues/celery/pause", """{"reason": 5}""")).Status);
        Assert.Null((await _core.PostAsync("/v1/queues/celery/resume", null)).Json["paused"]);
    }

    [Fact]
    public async Task Purge_Queue_RemovesWhatWaits()
    {
        await _core.PostAsync("/v1/tasks/batch", """{"tasks": [{"name": "a", "id": "a"}, {"name": "b", "id": "b"}, {"name": "c", "id": "c", "countdown": 1000}]}""");
        await _core.ClaimAsync();

        Assert.Equal("""{"queue":"celery","removed":2}""", (await _core.DeleteAsync("/v1/queues/celery/messages")).Text);
        Assert.Equal("""{"queue":"celery","removed":0}""", (await _core.DeleteAsync("/v1/queues/celery/messages")).Text);
        Assert.Equal("PENDING", (string)(await _core.GetAsync("/v1/tasks/a")).Json["state"]!);
        JsonNode purged = (await _core.GetAsync("/v1/tasks/c")).Json;
        Assert.Equal("REVOKED", (string)purged["state"]!);
        Assert.Equal("Purged from its queue.", (string)purged["error"]!);
    }

    [Fact]
    public async Task Purge_UnknownQueue_IsNotFound() => (await _core.DeleteAsync("/v1/queues/nothing/messages")).IsProblem(
        404, "ESS5024", "No such queue", "The broker has no queue 'nothing'. GET /v1/queues lists those it has.");

    [Fact]
    public async Task DeadLetters_ListAndReplay_TheTaskWaitsAgain()
    {
        string id = await _core.SubmitAsync("""{"name": "tasks.bad"}""");
        await _core.KillAsync("It killed its worker 5 times.");
        await _core.UntilAsync($"/v1/tasks/{id}", task => (string)task.Json["state"]! == "FAILURE");

        JsonNode letter = Assert.Single((await _core.GetAsync("/v1/dead-letters")).Json["dead_letters"]!.AsArray())!;
        string message = (string)letter["id"]!;
        Assert.Equal(
            $$"""{"id":"{{message}}","task_id":"{{id}}","name":"tasks.bad","queue":"celery","reason":"It killed its worker 5 times.","delivery_count":1,"died_at":"{{letter["died_at"]}}"}""",
            letter.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal));

        Answer replay = await _core.PostAsync($"/v1/dead-letters/{Uri.EscapeDataString(message)}/replay");
        Assert.Equal($$"""{"id":"{{message}}","task_id":"{{id}}"}""", replay.Text);
        Assert.Equal(HttpStatusCode.OK, replay.Status);
        Assert.Equal("PENDING", (string)(await _core.GetAsync($"/v1/tasks/{id}")).Json["state"]!);
        await _core.EndAsync(TaskState.Success);
        await _core.UntilAsync($"/v1/tasks/{id}", task => (string)task.Json["state"]! == "SUCCESS");

        (await _core.PostAsync($"/v1/dead-letters/{Uri.EscapeDataString(message)}/replay")).IsProblem(
            404, "ESS5021", "No such dead letter", $"The broker has no dead letter '{message}'. It may have been replayed already; GET /v1/dead-letters lists those it has.");
    }

    [Fact]
    public async Task DeadLetters_BadLimit_IsRefused() => (await _core.GetAsync("/v1/dead-letters?limit=0")).IsProblem(
        400, "ESS5012", "Invalid parameters", "A parameter of the request is wrong.", ("limit", "must be a whole number from 1 to 1000, not '0'"));

    [Fact]
    public async Task Schedules_Stored_AreListed()
    {
        DateTimeOffset next = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        await _core.Backend.Schedules.PutAsync(new ScheduleRecord("nightly", RawJson.Parse("""{"task":"t","cron":"0 3 * * *"}"""), Enabled: true, next), ServerHarness.Stop);

        Assert.Equal(
            """{"schedules":[{"name":"nightly","enabled":true,"definition":{"task":"t","cron":"0 3 * * *"},"next_run":"2030-01-02T03:04:05+00:00","last_run":null,"last_task_id":null}]}""",
            (await _core.GetAsync("/v1/schedules")).Text);
    }
}
