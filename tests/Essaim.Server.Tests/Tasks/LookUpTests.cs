using System.Net;
using System.Text.Json.Nodes;
using Essaim.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Server.Tests;

public sealed class LookUpTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task Get_WaitingTask_ShowsItWhole()
    {
        await _core.SubmitAsync("""{"name": "tasks.add", "args": [2, "é"], "kwargs": {"k": true}, "id": "t1", "priority": 4}""");

        Answer answer = await _core.GetAsync("/v1/tasks/t1");

        string submitted = (string)answer.Json["submitted_at"]!;
        Assert.Equal(
            $$"""{"id":"t1","name":"tasks.add","queue":"celery","state":"PENDING","priority":4,"args":"(2, 'é')","kwargs":"{'k': True}","submitted_at":"{{submitted}}","function":null,"eta":null,"started_at":null,"finished_at":null,"worker":null,"runtime":null,"retries":0,"root_id":"t1","parent_id":null,"group_id":null,"error":null,"progress":null,"message":{"place":"ready","worker":null,"delivery_count":0,"not_before":null} }""".Replace("} }", "}}", StringComparison.Ordinal),
            answer.Text);
    }

    [Fact]
    public async Task Get_EndedTask_ShowsWhatTheBrokerSaid()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        await _core.EndAsync(TaskState.Success, "5");

        JsonNode task = (await _core.UntilAsync($"/v1/tasks/{id}", answer => (string)answer.Json["state"]! == "SUCCESS")).Json;
        Assert.Equal("w@h", (string)task["worker"]!);
        Assert.Equal(1.5, (double)task["runtime"]!);
        Assert.NotNull(task["finished_at"]);
        Assert.Null(task["message"]);
    }

    [Fact]
    public async Task Get_FailedTask_ShowsItsError()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        await _core.EndAsync(TaskState.Failure, """{"exc_type": "ValueError", "exc_message": ["no"], "exc_module": "builtins"}""");

        JsonNode task = (await _core.UntilAsync($"/v1/tasks/{id}", answer => (string)answer.Json["state"]! == "FAILURE")).Json;
        Assert.Equal("ValueError('no')", (string)task["error"]!);
    }

    [Fact]
    public async Task Get_TaskSentBySomebodyElse_IsFoundInTheBroker()
    {
        await using TaskClient client = new(_core.Backend);
        TaskHandle handle = await client.SendAsync("other.task", cancellationToken: ServerHarness.Stop);

        JsonNode task = (await _core.GetAsync($"/v1/tasks/{handle.Id}")).Json;
        Assert.Equal("PENDING", (string)task["state"]!);
        Assert.Equal("celery", (string)task["queue"]!);
    }

    [Fact]
    public async Task Get_UnknownTask_IsNotFound() => (await _core.GetAsync("/v1/tasks/nobody")).IsProblem(
        404, "ESS5020", "No such task", "Neither the history nor the broker knows a task 'nobody'. It may have been removed from the history since, or belong to another broker.");

    [Fact]
    public async Task List_FiltersAndPages_ShowEachOnce()
    {
        await _core.PostAsync("/v1/tasks/batch", """{"tasks": [{"name": "a.x", "id": "1"}, {"name": "b.x", "id": "2"}, {"name": "a.y", "id": "3", "queue": "q"}]}""");

        Assert.Equal("3 1", await IdsAsync("?name=a.*"));
        Assert.Equal("3", await IdsAsync("?queue=q&state=PENDING,STARTED"));
        Assert.Equal("", await IdsAsync("?state=SUCCESS"));
        Assert.Equal("2", await IdsAsync("?root=2"));
        Assert.Equal("", await IdsAsync("?until=2001-01-01"));
        Answer first = await _core.GetAsync("/v1/tasks?limit=2");
        Assert.Equal(["3", "2"], first.Json["tasks"]!.AsArray().Select(task => (string)task!["id"]!));
        Assert.Equal("1", await IdsAsync($"?limit=2&cursor={first.Json["next"]}"));
    }

    [Fact]
    public async Task List_BadParameters_AreAllListed() => (await _core.GetAsync("/v1/tasks?limit=0&since=yesterday&cursor=x&state=done&colour=red")).IsProblem(
        400,
        "ESS5012",
        "Invalid parameters",
        "5 parameters of the request are wrong.",
        ("since", "must be an instant in ISO 8601 such as 2026-01-31T18:30:00Z, not 'yesterday'"),
        ("cursor", "is not the next of an earlier page"),
        ("limit", "must be a whole number from 1 to 1000, not '0'"),
        ("state", "'done' is not a state; states are in upper case, such as SUCCESS"),
        ("colour", "is not known here; known are state, name, queue, worker, root, since, until, cursor, limit"));

    [Fact]
    public async Task Result_Success_IsPassedOnAsItIs()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        await _core.EndAsync(TaskState.Success, """{"Sum": 5.0, "é": [null]}""");

        Answer answer = await _core.GetAsync($"/v1/tasks/{id}/result");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("""{"Sum":5.0,"é":[null]}""", answer.Json["result"]!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("SUCCESS", (string)answer.Json["state"]!);
        Assert.True((bool)answer.Json["stored"]!);
        Assert.Null(answer.Json["error"]);
    }

    [Fact]
    public async Task Result_Failure_NamesTheError()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        await _core.EndAsync(TaskState.Failure, """{"exc_type": "ValueError", "exc_message": ["no"], "exc_module": "builtins"}""");

        JsonNode result = (await _core.GetAsync($"/v1/tasks/{id}/result")).Json;
        Assert.Null(result["result"]);
        Assert.Equal("""{"type":"ValueError","message":"no","module":"builtins","traceback":null}""", result["error"]!.ToJsonString());
    }

    [Fact]
    public async Task Result_NotEnded_SaysSoAndWhenToAskAgain()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");

        Answer answer = await _core.GetAsync($"/v1/tasks/{id}/result");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal($$"""{"id":"{{id}}","state":"PENDING","result":null,"error":null,"finished_at":null,"stored":false}""", answer.Text);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Result_WaitTooShort_Is202()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        Assert.Equal(HttpStatusCode.Accepted, (await _core.GetAsync($"/v1/tasks/{id}/result?wait=1")).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Result_Wait_ComesWhenTheTaskEnds(bool ignoreResult)
    {
        string id = await _core.SubmitAsync($$"""{"name": "t", "ignore_result": {{(ignoreResult ? "true" : "false")}}}""");
        Task<Answer> waiting = _core.GetAsync($"/v1/tasks/{id}/result?wait=60");
        await _core.EndAsync(TaskState.Success, "7");

        Answer answer = await waiting;
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("SUCCESS", (string)answer.Json["state"]!);
        Assert.Equal(!ignoreResult, (bool)answer.Json["stored"]!);
    }

    [Fact]
    public async Task Result_CoreStopsMeanwhile_IsAnsweredAtOnce()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        Task<Answer> waiting = _core.GetAsync($"/v1/tasks/{id}/result?wait=60");
        await _core.UntilAsync("/healthz", _ => _core.Server.Services.GetRequiredService<TaskSignals>().HasListeners);
        await _core.Server.StopAsync(ServerHarness.Stop);

        Assert.Equal(HttpStatusCode.Accepted, (await waiting).Status);
    }

    [Fact]
    public async Task Result_BadWaitOrUnknownTask_AreRefused()
    {
        (await _core.GetAsync("/v1/tasks/x/result?wait=61")).IsProblem(
            400, "ESS5012", "Invalid parameters", "A parameter of the request is wrong.", ("wait", "must be a whole number from 0 to 60, not '61'"));
        Assert.Equal("ESS5020", (await _core.GetAsync("/v1/tasks/nobody/result")).Code);
    }

    [Fact]
    public async Task Cancel_WaitingTask_IsRevokedAtOnce()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");

        Answer answer = await _core.PostAsync($"/v1/tasks/{id}/cancel");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal($$"""{"id":"{{id}}","state":"REVOKED"}""", answer.Text);
        Assert.Null(await _core.Backend.Broker.FindAsync(id, ServerHarness.Stop));
        await _core.UntilAsync($"/v1/tasks/{id}", task => (string)task.Json["state"]! == "REVOKED");
    }

    [Fact]
    public async Task Cancel_RunningTask_TellsItsWorker()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        await _core.ClaimAsync();
        TaskCompletionSource<ControlRequest> heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(ServerHarness.Stop);
        Task serving = _core.Backend.Control.ServeAsync(
            "w@h",
            (request, _) =>
            {
                if (request.Method == "revoke")
                    heard.TrySetResult(request);
                return ValueTask.FromResult<RawJson?>(null);
            },
            stop.Token);

        Answer answer = await _core.PostAsync($"/v1/tasks/{id}/cancel", """{"terminate": true}""");

        Assert.Equal($$"""{"id":"{{id}}","state":"PENDING"}""", answer.Text);
        Assert.Contains("\"terminate\":true", (await heard.Task.WaitAsync(ServerHarness.Stop)).Arguments.ToString(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task Delete_WaitingTask_IsRevoked()
    {
        string id = await _core.SubmitAsync("""{"name": "t"}""");
        Assert.Equal("REVOKED", (string)(await _core.DeleteAsync($"/v1/tasks/{id}?terminate=true")).Json["state"]!);
    }

    [Fact]
    public async Task Cancel_EndedTask_IsRefused()
    {
        await _core.SubmitAsync("""{"name": "t", "id": "t1"}""");
        await _core.EndAsync(TaskState.Success);

        (await _core.PostAsync("/v1/tasks/t1/cancel")).IsProblem(
            409, "ESS5023", "Already ended", "The task 't1' has ended with SUCCESS; there is nothing to cancel.");
    }

    [Fact]
    public async Task Cancel_UnknownTaskOrBadBody_IsRefused()
    {
        Assert.Equal("ESS5020", (await _core.PostAsync("/v1/tasks/nobody/cancel")).Code);
        (await _core.PostAsync("/v1/tasks/nobody/cancel", """{"terminate": 1, "force": true}""")).IsProblem(
            422,
            "ESS5011",
            "Invalid request",
            "The request has 2 mistakes; nothing was done.",
            ("$.terminate", "must be true or false, not the number 1"),
            ("$.force", "is not known here; known are terminate"));
        Assert.Equal("ESS5012", (await _core.DeleteAsync("/v1/tasks/nobody?terminate=maybe")).Code);
    }

    private async Task<string> IdsAsync(string query) =>
        string.Join(' ', (await _core.GetAsync("/v1/tasks" + query)).Json["tasks"]!.AsArray().Select(task => (string)task!["id"]!));
}
