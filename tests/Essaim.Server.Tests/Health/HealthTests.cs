using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Essaim.Server.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task Health_AllWell_NamesEveryPart()
    {
        await using ServerHarness core = await ServerHarness.StartAsync();

        Answer answer = await core.UntilAsync("/healthz", answer => answer.Status == HttpStatusCode.OK);

        Assert.Equal(["broker", "results", "history", "configuration", "recorder", "disk"], answer.Json["parts"]!.AsArray().Select(part => (string)part!["name"]!));
        Assert.StartsWith("SQLite 3.", Detail(answer, "broker"), StringComparison.Ordinal);
        Assert.Equal("Results can be read.", Detail(answer, "results"));
        Assert.StartsWith("SQLite schema 3, ", Detail(answer, "history"), StringComparison.Ordinal);
        Assert.Equal("The history is up to date.", Detail(answer, "recorder"));
        Assert.Contains("GiB free for", Detail(answer, "disk"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_BrokerGone_FailsAndSaysWhyThenRecovers()
    {
        NamedBackend backend = new();
        await using ServerHarness core = await ServerHarness.StartAsync(backend: backend);
        backend.Failure = "The broker's file is gone.";

        Answer failed = await core.UntilAsync("/healthz", answer => answer.Status == HttpStatusCode.ServiceUnavailable && Status(answer, "recorder") == "degraded");
        Assert.Equal("failed", (string)failed.Json["status"]!);
        Assert.Equal("failed", Status(failed, "broker"));
        Assert.Equal("The broker's file is gone.", Detail(failed, "broker"));
        Assert.Equal("failed", Status(failed, "results"));
        Assert.Equal("ok", Status(failed, "history"));
        Assert.EndsWith("it will catch up. The broker's file is gone.", Detail(failed, "recorder"), StringComparison.Ordinal);

        Answer refused = await core.PostAsync("/v1/tasks", """{"name": "t"}""");
        refused.IsProblem(503, "ESS9999", "Not available", "The broker's file is gone.");
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter!.Delta);

        backend.Failure = null;
        await core.UntilAsync("/healthz", answer => answer.Status == HttpStatusCode.OK && Status(answer, "recorder") == "ok");
    }

    [Fact]
    public async Task Health_HistoryLocked_FailsAndNamesIt()
    {
        await using ServerHarness core = await ServerHarness.StartAsync();
        string file = Path.Combine(core.Folder.FullName, "metadata.db");
        using SqliteConnection other = new($"Data Source={file};Pooling=False");
        other.Open();
        using SqliteCommand command = other.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();

        Answer failed = await core.UntilAsync("/healthz", answer => answer.Status == HttpStatusCode.ServiceUnavailable);
        Assert.Equal("failed", Status(failed, "history"));
        Assert.Equal("ok", Status(failed, "broker"));

        command.CommandText = "ROLLBACK";
        command.ExecuteNonQuery();
        await core.UntilAsync("/healthz", answer => answer.Status == HttpStatusCode.OK);
    }

    private static JsonNode Part(Answer answer, string name) => answer.Json["parts"]!.AsArray().Single(part => (string)part!["name"]! == name)!;

    private static string Status(Answer answer, string name) => (string)Part(answer, name)["status"]!;

    private static string Detail(Answer answer, string name) => (string)Part(answer, name)["detail"]!;
}
