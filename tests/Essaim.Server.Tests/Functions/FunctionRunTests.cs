using System.Net;
using System.Text.Json;
using Essaim.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Server.Tests;

/// <summary>Runs of functions through the API, and what keeps the fleet's copy of them.</summary>
public sealed class FunctionRunTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync()
    {
        FunctionPushTests.SkipWithoutSandbox();
        _core = await ServerHarness.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_core is not null)
            await _core.DisposeAsync();
    }

    [Fact]
    public async Task Run_InputsThatDoNotFit_AreAllNamedAndNothingIsQueued()
    {
        string version = await PushAsync();

        (await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": "heavy", "lod": 1}, "texts": {"length": "long"}}""")).IsProblem(
            422, "ESS6026", "Inputs do not fit", $"beam@{version} was not run: 3 inputs are wrong.",
            ("$.inputs.load", "\"heavy\" is not a number"), ("$.inputs.lod", "is not an input; main() has: load, length"), ("$.texts.length", "\"long\" is not a number"));
        (await _core.PostAsync("/v1/functions/beam/runs")).IsProblem(
            422, "ESS6026", "Inputs do not fit", $"beam@{version} was not run: an input is wrong.", ("$.inputs.load", "is required: a number"));
        (await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1}, "limits": {"memory": 1073741824, "cpus": 2}, "priority": 12}""")).IsProblem(
            422, "ESS5011", "Invalid request", "The request has 3 mistakes; nothing was done.",
            ("$.limits.memory", "must be at most 536870912, as the version has it; push a version with more"),
            ("$.limits.cpus", "must be at most 1, as the version has it; push a version with more"),
            ("$.priority", "must be a whole number from 0 to 9, not 12"));
        Assert.Equal(
            "has a text with half a character in it (a lone surrogate)",
            (string)(await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": "\ud800"}}""")).Json["errors"]![0]!["message"]!);
        Assert.Equal("is given in inputs, too", (string)(await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1}, "texts": {"load": "1"}}""")).Json["errors"]![0]!["message"]!);
        Assert.Equal("ESS6022", (await _core.PostAsync("/v1/functions/arch/runs", "{}")).Code);
        Assert.Empty((await _core.GetAsync("/v1/queues")).Json["queues"]!.AsArray());
        Assert.Empty((await _core.GetAsync("/v1/functions/beam/runs")).Json["tasks"]!.AsArray());
    }

    [Fact]
    public async Task Run_GoodInputs_IsATaskThatNamesTheWholeVersion()
    {
        string version = await PushAsync();
        string id = (string)(await _core.GetAsync("/v1/functions/beam")).Json["id"]!;

        Answer run = await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1200}, "texts": {"length": "1_0"}, "limits": {"time": 5}, "queue": "functions", "priority": 3}""", "key-1");
        Answer again = await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1200}, "texts": {"length": "1_0"}, "limits": {"time": 5}, "queue": "functions", "priority": 3}""", "key-1");

        Assert.Equal((HttpStatusCode.Accepted, "essaim.function", "functions", true), (run.Status, (string)run.Json["name"]!, (string)run.Json["queue"]!, (bool)run.Json["created"]!));
        Assert.Equal($"/v1/tasks/{run.Json["id"]}", run.Headers.Location?.ToString());
        Assert.Equal((run.Text, "true"), (again.Text, Assert.Single(again.Headers.GetValues("Idempotency-Replayed"))));
        TaskMessage message = MessageCodec.Decode((await _core.ClaimAsync("functions")).Envelope);
        Assert.Equal(
            $$$"""{"function":"beam@{{{id}}}","inputs":{"load":1200},"texts":{"length":"1_0"},"limits":{"time":5}}""",
            MessageCodec.ReadBody(message).Kwargs.ToString());
        Answer runs = await _core.GetAsync("/v1/functions/beam/runs");
        Assert.Equal((run.Json["id"]!.ToString(), $"beam@{id}"), Assert.Single(runs.Json["tasks"]!.AsArray().Select(task => (task!["id"]!.ToString(), (string)task["function"]!))));
        Assert.Single((await _core.GetAsync($"/v1/functions/beam/versions/{version[..6]}/runs?state=PENDING")).Json["tasks"]!.AsArray());
        Assert.Empty((await _core.GetAsync("/v1/functions/beam/versions/0000/runs")).Json["tasks"]!.AsArray());
        Assert.Equal(HttpStatusCode.Accepted, (await _core.PostAsync($"/v1/functions/beam/versions/{version}/runs", """{"inputs": {"load": 1}}""")).Status);
    }

    [Fact]
    public async Task Run_OfAnotherEnvironment_SaysItInTheMessage()
    {
        Answer pushed = await _core.PostAsync("/v1/functions", JsonSerializer.Serialize(new { name = "beam", source = "import no_such_thing\n" + FunctionPushTests.Beam, environment = "solver-2.1" }));
        // What others' images have is not known here: no word of what is missing.
        Assert.Equal((HttpStatusCode.Created, 0), (pushed.Status, pushed.Json["findings"]!.AsArray().Count));

        await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1}}""");

        TaskMessage message = MessageCodec.Decode((await _core.ClaimAsync()).Envelope);
        Assert.Equal("solver-2.1", MessageCodec.ReadBody(message).Kwargs.Deserialize<JsonElement>().GetProperty("environment").GetString());
    }

    [Fact]
    public async Task Runs_SentByOthers_AreListedToo()
    {
        await PushAsync();
        string id = await _core.SubmitAsync("""{"name": "essaim.function", "kwargs": {"function": "beam", "inputs": {"load": 1}}}""");
        await _core.AnnounceAsync("task-received", "of-celery", """
            "name":"essaim.function","kwargs":"{'function': 'beam@459beaba474a', 'inputs': {'load': 3}}","args":"()"
            """);
        await _core.AnnounceAsync("task-received", "pretender", """
            "name":"essaim.function","kwargs":"{'inputs': {'a': \"{'function': 'beam@459beaba474a'\"}}","args":"()"
            """);
        await _core.UntilAsync("/v1/tasks/pretender", answer => answer.Status == HttpStatusCode.OK);

        Answer runs = await _core.GetAsync("/v1/functions/beam/runs");

        Assert.Equal(["of-celery", id], runs.Json["tasks"]!.AsArray().Select(task => (string)task!["id"]!).OrderDescending());
    }

    [Fact]
    public async Task Remove_WhileNeeded_IsRefusedAndTheHistoryStays()
    {
        string version = await PushAsync();
        string run = (string)(await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1200}}""")).Json["id"]!;
        await _core.Backend.Schedules.PutAsync(
            new ScheduleRecord("nightly", RawJson.Parse("""{"every": 60, "task": "essaim.function", "args": [], "kwargs": {"function": "beam", "inputs": {"load": 1}}}"""), true), ServerHarness.Stop);

        (await _core.DeleteAsync("/v1/functions/beam")).IsProblem(
            409, "ESS6027", "Needed",
            $"The function 'beam' was not removed: a run has not ended: {run}; a schedule calls it: nightly. Wait for them, cancel or change them, or remove it all the same with ?force=true (--force).");
        Assert.Equal("ESS6027", (await _core.DeleteAsync($"/v1/functions/beam/versions/{version}")).Code);
        await _core.EndAsync(TaskState.Success);
        await _core.UntilAsync($"/v1/tasks/{run}", answer => (string)answer.Json["state"]! == "SUCCESS");
        Assert.Contains(": a schedule calls it: nightly.", (string)(await _core.DeleteAsync("/v1/functions/beam")).Json["detail"]!, StringComparison.Ordinal);

        Answer removed = await _core.DeleteAsync("/v1/functions/beam?force=true");
        Assert.Equal((HttpStatusCode.OK, version), (removed.Status, (string)Assert.Single(removed.Json["removed"]!.AsArray())!));
        Assert.Equal("ESS6022", (await _core.GetAsync("/v1/functions/beam")).Code);
        Assert.Equal("ESS6022", (await _core.DeleteAsync("/v1/functions/beam")).Code);
        Assert.Equal(run, (string)Assert.Single((await _core.GetAsync("/v1/functions/beam/runs")).Json["tasks"]!.AsArray())!["id"]!);
        Assert.Empty(await _core.Backend.Functions.GetStampsAsync(ServerHarness.Stop));
        Assert.False(await _core.Backend.Blobs.KeepAsync(HashOfBeam, TimeSpan.FromDays(1), ServerHarness.Stop));

        Assert.Equal(version, await PushAsync());
        Assert.NotNull(await _core.Backend.Functions.FindAsync("beam", version, ServerHarness.Stop));
    }

    [Fact]
    public async Task Keeper_ABrokerThatLostFunctions_HasThemAgain()
    {
        await PushAsync();
        FunctionKeeper keeper = _core.Server.Services.GetRequiredService<FunctionKeeper>();
        Assert.Equal(0, await keeper.RepairAsync(ServerHarness.Stop));

        // Before a run that is submitted, whatever is missing.
        await _core.Backend.Blobs.RemoveAsync(HashOfBeam, ServerHarness.Stop);
        await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1200}}""");
        Assert.Equal(FunctionPushTests.Beam, System.Text.Encoding.UTF8.GetString((await _core.Backend.Blobs.GetAsync(HashOfBeam, ServerHarness.Stop))!.Value.Span));
        await _core.Backend.Functions.RemoveAsync("beam", ServerHarness.Stop);
        await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1200}}""");
        Assert.NotNull(await _core.Backend.Functions.FindAsync("beam", null, ServerHarness.Stop));

        // By itself, in a broker made anew.
        await _core.ReplaceBackendAsync(new NamedBackend());
        while (await _core.Backend.Functions.FindAsync("beam", null, ServerHarness.Stop) is null)
            await Task.Yield();
        Assert.True(await _core.Backend.Blobs.KeepAsync(HashOfBeam, TimeSpan.FromDays(1), ServerHarness.Stop));

        // What was removed and is there all the same goes.
        FunctionListing listing = new("beam", "another", new string('a', 64), new Dictionary<string, RawJson> { [new string('a', 64)] = RawJson.EmptyObject });
        await _core.DeleteAsync("/v1/functions/beam?force=true");
        await _core.Backend.Functions.PutAsync(listing, ServerHarness.Stop);
        await _core.Backend.Functions.PutAsync(listing with { Name = "of-another-core" }, ServerHarness.Stop);
        keeper = _core.Server.Services.GetRequiredService<FunctionKeeper>();
        Assert.Equal(1, await keeper.RepairAsync(ServerHarness.Stop));
        Assert.Equal(["of-another-core"], (await _core.Backend.Functions.GetStampsAsync(ServerHarness.Stop)).Keys);
    }

    [Fact]
    public async Task Push_WhileTheBrokerIsAway_IsKeptAndToldLater()
    {
        NamedBackend backend = new();
        await using ServerHarness core = await ServerHarness.StartAsync(backend: backend);
        backend.Failure = "The broker is away.";

        Answer pushed = await core.PostAsync("/v1/functions", JsonSerializer.Serialize(new { name = "beam", source = FunctionPushTests.Beam }));
        backend.Failure = null;

        Assert.Equal(HttpStatusCode.Created, pushed.Status);
        Assert.Null(await backend.Functions.FindAsync("beam", null, ServerHarness.Stop));
        await core.Server.Services.GetRequiredService<FunctionKeeper>().RepairAsync(ServerHarness.Stop);
        Assert.NotNull(await backend.Functions.FindAsync("beam", null, ServerHarness.Stop));
    }

    private static string HashOfBeam => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(FunctionPushTests.Beam)));

    private async Task<string> PushAsync()
    {
        Answer answer = await _core.PostAsync("/v1/functions", JsonSerializer.Serialize(new { name = "beam", source = FunctionPushTests.Beam }));
        Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.OK, answer.Text);
        return (string)answer.Json["version"]!;
    }
}
