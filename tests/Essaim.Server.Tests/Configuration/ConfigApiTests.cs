using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Essaim.Protocol;

namespace Essaim.Server.Tests;

/// <summary>The configuration over HTTP, and what the core makes of it.</summary>
public sealed class ConfigApiTests : IAsyncLifetime
{
    private const string One = """{"revision":1,"queues":{"scan":{"concurrency":4}},"routes":{"scan.*":"scan"},"base":{"task_time_limit":"5m"}}""";
    private const string Two = """{"revision":2,"queues":{"scan":{"concurrency":8},"mail":{}},"routes":{"scan.*":"scan"},"base":{}}""";
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task Publish_ShowHistoryDiffRollBack_TellTheSameStory()
    {
        Assert.Equal("built-in", (string)(await _core.GetAsync("/v1/config")).Json["origin"]!);
        Answer first = await _core.PostAsync("/v1/config", One);
        Answer second = await _core.PostAsync("/v1/config", Two);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, second.Status));
        Assert.Equal($"admin@{Environment.MachineName}", (string)second.Json["published"]!["author"]!);
        Assert.Equal(
            """[{"change":"added","path":"queues.mail","before":null,"after":{"name":"mail","routing_key":"mail"}},{"change":"changed","path":"queues.scan.concurrency","before":4,"after":8},{"change":"removed","path":"base.task_time_limit","before":300,"after":null}]""",
            second.Json["changes"]!.ToJsonString());
        string version = (string)second.Json["published"]!["version"]!, old = (string)first.Json["published"]!["version"]!;
        Answer shown = await _core.UntilAsync("/v1/config", answer => (string?)answer.Json["version"] == version);
        Assert.Equal(("published", 2L, """{"name":"mail","routing_key":"mail"}"""), ((string)shown.Json["origin"]!, (long)shown.Json["revision"]!, shown.Json["queues"]!["mail"]!.ToJsonString()));
        Assert.Equal([version, old], (await _core.GetAsync("/v1/config/history")).Json["versions"]!.AsArray().Select(one => (string)one!["version"]!));
        Assert.Equal(second.Json["changes"]!.ToJsonString(), (await _core.GetAsync("/v1/config/diff")).Json["changes"]!.ToJsonString());
        Assert.Equal("[]", (await _core.GetAsync($"/v1/config/diff?from={old}&to={old}")).Json["changes"]!.ToJsonString());
        Assert.Equal(300, (int)(await _core.GetAsync($"/v1/config/history/{old}")).Json["base"]!["task_time_limit"]!);

        Answer back = await _core.PostAsync("/v1/config/rollback", $$"""{"version":"{{old}}"}""");

        Assert.Equal(2, (int)back.Json["published"]!["revision"]!);
        await _core.UntilAsync("/v1/config", answer => (int?)answer.Json["queues"]!["scan"]?["concurrency"] == 4);
        Assert.Equal(
            [("config.rollback", (string)back.Json["published"]!["version"]!), ("config.publish", version), ("config.publish", old)],
            (await _core.GetAsync("/v1/audit")).Json["entries"]!.AsArray().Select(entry => ((string)entry!["action"]!, (string)entry["target"]!)));
        Answer health = await _core.UntilAsync("/healthz", answer => Detail(answer).StartsWith("Version ", StringComparison.Ordinal));
        Assert.EndsWith($", revision 2 by admin@{Environment.MachineName}.", Detail(health), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_RevisionNotAbove_Is409UnlessForced()
    {
        await _core.PostAsync("/v1/config", Two);

        Answer refused = await _core.PostAsync("/v1/config", One);

        refused.IsProblem(
            409, "ESS1304", "Not published",
            $"the request declares revision 1, and 2 of admin@{Environment.MachineName} is published with other content. Look at 'config diff', write revision: 3 and publish again, or publish it all the same with --force.");
        Assert.Equal(HttpStatusCode.OK, (await _core.PostAsync("/v1/config?force=true", One)).Status);
    }

    [Fact]
    public async Task Publish_Mistakes_AreAllNamed_AndNothingIsPublished()
    {
        Answer refused = await _core.PostAsync("/v1/config", """{"queues":{"scan":{"priority":"hihg"}},"routes":{"x":"scam"},"base":{"api_token":"t"}}""");

        refused.IsProblem(
            422, "ESS5011", "Invalid request", "The request has 3 mistakes; nothing was done.",
            ("$.queues.scan.priority", "'hihg' is no priority. Did you mean 'high'?"),
            ("$.base.api_token", "'api_token' looks like a secret, and everybody who reaches the broker could read it. Write ${env:NAME} or ${file:PATH}: that is published, and resolved where it is used."),
            ("$.routes.x", "There is no queue 'scam'. Did you mean 'scan'?"));
        Assert.Null(await _core.Backend.Configuration.ReadAsync(ServerHarness.Stop));
        Assert.Equal("ESS5010", (await _core.PostAsync("/v1/config", "{")).Code);
        Assert.Equal("ESS5013", (await _core.PostAsync("/v1/config", One, contentType: "text/plain")).Code);
        (await _core.PostAsync("/v1/config/rollback", """{"version":"7"}""")).IsProblem(
            404, "ESS1305", "No such version", "There is no version '7' among the last 0 that are kept. 'config history' lists them.");
        Assert.Equal("ESS1305", (await _core.GetAsync("/v1/config/diff")).Code);
    }

    [Fact]
    public async Task Submit_WithoutAQueue_GoesByThePublishedRoutes_AsSoonAsTheyAre()
    {
        await _core.SubmitAsync("""{"name":"scan.album"}""");
        await _core.ClaimAsync("celery");

        await _core.PostAsync("/v1/config", One);

        await _core.UntilAsync("/v1/config", answer => (int?)answer.Json["revision"] == 1);
        await _core.SubmitAsync("""{"name":"scan.album"}""");
        await _core.ClaimAsync("scan");
    }

    [Fact]
    public async Task Damaged_Document_IsRefused_HealthAndMetricSaySo()
    {
        await _core.PostAsync("/v1/config", One);
        await _core.UntilAsync("/v1/config", answer => (int?)answer.Json["revision"] == 1);
        ConfigSnapshot good = (await _core.Backend.Configuration.ReadAsync(ServerHarness.Stop))!;
        ConfigDocument damaged = good.Document with { Routes = new Dictionary<string, RawJson> { ["x"] = RawJson.Parse("""{"queue":"none"}""") } };

        await _core.Backend.Configuration.PublishAsync(damaged, good.Version, ServerHarness.Stop);

        Answer health = await _core.UntilAsync("/healthz", answer => Detail(answer).StartsWith("refused", StringComparison.Ordinal));
        Assert.Equal(("degraded", HttpStatusCode.OK), ((string)Part(health)["status"]!, health.Status));
        Assert.Matches($"^refused \\(last good of {good.PublishedAt:yyyy-MM-dd HH:mm:ss}Z, version {good.Version}\\): The published configuration ", Detail(health));
        Assert.Equal(good.Version, (string)(await _core.GetAsync("/v1/config")).Json["version"]!);
        await _core.UntilAsync("/metrics", answer => answer.Text.Contains("\nessaim_config_followed 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(40, 1, "old", null, false)]
    [InlineData(20, 1, "old", null, true)]
    [InlineData(40, 50, "old", null, true)]
    [InlineData(40, 1, "now", null, true)]
    [InlineData(40, 1, null, null, true)]
    [InlineData(40, 1, "now", "conflict", true)]
    public void Drift_AnotherVersionThirtySecondsAfterAPublication_IsOutOfSync(int publishedAgo, int heardAgo, string? version, string? source, bool inSync)
    {
        DateTimeOffset now = new(2026, 1, 31, 18, 30, 0, TimeSpan.Zero);
        LiveConfiguration live = new();
        string published = ConfigVersion.Show((now.AddSeconds(-publishedAgo).UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10);
        live.Apply(FleetConfiguration.Read(new ConfigSnapshot(published, ConfigVersion.InstantOf(published), ConfigDocument.Empty)), ConfigurationOrigin.Published);
        JsonElement? config = version is null ? null : JsonSerializer.SerializeToElement(new { version = version == "now" ? published : "1.000000", source });
        WorkerView worker = new() { Node = "w@h", Status = WorkerView.Online, FirstSeen = now, LastSeen = now.AddSeconds(-heardAgo), Config = config };

        WorkerConfigState state = ConfigDrift.Judge(worker, live, now);

        Assert.Equal((inSync, source), (state.InSync, state.Source));
    }

    [Fact]
    public async Task Worker_ThatStartedWithAnotherSource_IsNamedInHealthAndMetric()
    {
        await _core.PostAsync("/v1/config", One);
        string version = (string)(await _core.UntilAsync("/v1/config", answer => (int?)answer.Json["revision"] == 1)).Json["version"]!;

        await _core.AnnounceAsync("worker-heartbeat", null, $$"""
            "config":{"version":"{{version}}","revision":1,"origin":"published","source":"conflict"}
            """);

        Answer health = await _core.UntilAsync("/healthz", answer => Detail(answer).StartsWith("w@h ", StringComparison.Ordinal));
        Assert.Equal($"w@h started with another configuration than version {version}, which they follow. 'essaim config doctor' says more.", Detail(health));
        await _core.UntilAsync("/metrics", answer => answer.Text.Contains("essaim_worker_config_in_sync{worker=\"w@h\"} 0", StringComparison.Ordinal));
        JsonNode worker = (await _core.GetAsync("/v1/workers")).Json["workers"]![0]!;
        Assert.Equal((true, "conflict"), ((bool)worker["in_sync"]!, (string)worker["config"]!["source"]!));
    }

    private static JsonNode Part(Answer health) => health.Json["parts"]!.AsArray().Single(part => (string)part!["name"]! == "configuration")!;

    private static string Detail(Answer health) => (string)Part(health)["detail"]!;
}
