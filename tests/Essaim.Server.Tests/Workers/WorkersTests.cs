using System.Text.Json.Nodes;
using Essaim.Protocol;

namespace Essaim.Server.Tests;

public sealed class WorkersTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task List_Heartbeat_IsShownFieldByField()
    {
        await _core.AnnounceAsync("worker-heartbeat", null, "\"freq\":2.0,\"active\":3,\"processed\":41,\"sw_ident\":\"essaim\",\"sw_ver\":\"0.1.0\",\"pool\":\"threads\"");

        JsonNode worker = (await UntilOneAsync("online"))!;

        Assert.Equal(
            $$"""{"node":"w@h","status":"online","first_seen":"{{worker["first_seen"]}}","last_seen":"{{worker["last_seen"]}}","active":3,"processed":41,"pid":7,"software":"essaim","version":"0.1.0","pool":"threads","labels":null,"facts":null,"environments":null,"slots":null,"queues":null,"config":null,"in_sync":null,"waiting":null,"children":null,"memory":null,"cpu":null,"temperature":null,"throttled":null}""",
            worker.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_EssaimsWorker_TellsLabelsMachineAndLoad_AndAShortHeartbeatTakesNothingAway()
    {
        await _core.AnnounceAsync(
            "worker-heartbeat", null,
            """
            "freq":300,"active":1,"processed":2,"labels":{"site":"attic","gpu":true},"facts":{"arch":"arm64","cores":4},"slots":{"now":2,"min":1,"max":4},
            "environments":{"python":{"executor":"bubblewrap","offered":true,"soft":["memory"]}},"waiting":5,"children":2,"memory":1000,"cpu":0.25,"temperature":61.8,"throttled":["hot"],"queues":["scan"]
            """);
        await _core.AnnounceAsync("worker-heartbeat", null, "\"freq\":300");

        JsonNode worker = (await UntilOneAsync("online"))!;

        Assert.Equal(
            """{"labels":{"site":"attic","gpu":true},"facts":{"arch":"arm64","cores":4},"environments":{"python":{"executor":"bubblewrap","offered":true,"soft":["memory"]}},"slots":{"now":2,"min":1,"max":4},"queues":["scan"],"waiting":5,"children":2,"memory":1000,"cpu":0.25,"temperature":61.8,"throttled":["hot"]}""",
            new JsonObject(((string[])["labels", "facts", "environments", "slots", "queues", "waiting", "children", "memory", "cpu", "temperature", "throttled"])
                .Select(name => KeyValuePair.Create(name, worker[name]?.DeepClone()))).ToJsonString());
        Assert.Equal(1, (int)worker["active"]!);
    }

    [Fact]
    public async Task Placement_Switched_IsShownAndStoredForTheWorkers()
    {
        Assert.Equal("""{"mode":"everyone","groups":[]}""", (await _core.GetAsync("/v1/placement")).Text);

        Answer answer = await _core.PostAsync("/v1/placement", """{"groups":[{"match":"site=attic","queues":["scan","extract"]}]}""");

        Assert.Equal("""{"mode":"specialised","groups":[{"match":"site=attic","queues":["scan","extract"]}]}""", answer.Text);
        Assert.Equal(answer.Text, (await _core.GetAsync("/v1/placement")).Text);
        Assert.Equal(answer.Text, (await _core.Backend.Configuration.ReadAsync(ServerHarness.Stop))!.Document.Base["placement"].ToString());
    }

    [Theory]
    [InlineData("{}", "$.groups")]
    [InlineData("""{"groups":[{"match":"a b","queues":["q"]}]}""", "$.groups[0].match")]
    [InlineData("""{"groups":[{"match":"gpu","queues":[]}]}""", "$.groups[0].queues")]
    public async Task Placement_Wrong_IsRefusedWithThePath(string json, string path)
    {
        Answer answer = await _core.PostAsync("/v1/placement", json);

        Assert.Equal(path, (string)answer.Json["errors"]![0]!["path"]!);
        Assert.Equal("""{"mode":"everyone","groups":[]}""", (await _core.GetAsync("/v1/placement")).Text);
    }

    [Theory]
    [InlineData(300, "online")]
    [InlineData(800, "late")]
    [InlineData(1000, "offline")]
    public async Task List_RareHeartbeats_AreHeeded(int seconds, string status)
    {
        await _core.AnnounceAsync("worker-heartbeat", null, "\"freq\":300", at: TimeProvider.System.GetUtcNow().AddSeconds(-seconds));
        await UntilOneAsync(status);
    }

    [Theory]
    [InlineData(8, "late")]
    [InlineData(90, "offline")]
    public async Task List_SilentWorker_IsLateThenOffline(int seconds, string status)
    {
        await _core.AnnounceAsync("worker-heartbeat", null, "\"freq\":2.0", at: TimeProvider.System.GetUtcNow().AddSeconds(-seconds));
        await UntilOneAsync(status);
    }

    [Fact]
    public async Task List_WorkerSaidGoodBye_IsOffline()
    {
        await _core.AnnounceAsync("worker-online", null, "\"freq\":2.0");
        await _core.AnnounceAsync("worker-offline", null, "\"freq\":2.0");
        await UntilOneAsync("offline");
    }

    [Fact]
    public async Task NewWorker_IsAskedForTaskEvents()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(ServerHarness.Stop);
        Task serving = _core.Backend.Control.ServeAsync(
            "new@h",
            (request, _) =>
            {
                if (request.Method == "enable_events")
                    asked.TrySetResult();
                return ValueTask.FromResult<RawJson?>(null);
            },
            stop.Token);

        await _core.AnnounceAsync("worker-online", null, node: "new@h");

        await asked.Task.WaitAsync(ServerHarness.Stop);
        await stop.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task<JsonNode?> UntilOneAsync(string status)
    {
        Answer answer = await _core.UntilAsync("/v1/workers", answer => answer.Json["workers"]!.AsArray() is [{ } only] && (string)only["status"]! == status);
        return answer.Json["workers"]![0];
    }
}
