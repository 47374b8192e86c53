using System.Net;

namespace Essaim.Server.Tests;

/// <summary>A real core on SQLite with a real worker, as Prometheus reads it.</summary>
public sealed class ScrapeTests
{
    [Fact(Skip = Promtool.Missing, SkipUnless = nameof(Promtool.IsUsable), SkipType = typeof(Promtool))]
    public async Task Scrape_WorkerHasWorked_AllIsThere_AndPromtoolApproves()
    {
        await using ServerHarness core = await ServerHarness.StartAsync();
        await using LocalTasks worker = new(core.Backend);
        await core.SubmitAsync("""{"name": "tasks.add", "args": [2, 3]}""");
        await core.SubmitAsync("""{"name": "tasks.fail"}""");
        await core.GetAsync("/v1/nothing/here");

        Answer answer = await core.UntilAsync("/metrics", answer => Has(
            answer, "essaim_tasks_completed_total{task=\"tasks.add\",state=\"SUCCESS\"} 1\n", "essaim_tasks_completed_total{task=\"tasks.fail\",state=\"FAILURE\"} 1\n",
            "essaim_worker_processed_total{worker=\"local@test\"} 2\n"));

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.ContentHeaders.ContentType!.ToString());
        Assert.True(
            Has(
                answer, "essaim_broker_up 1\n", "essaim_queue_ready{queue=\"celery\"} 0\n", "essaim_worker_up{worker=\"local@test\"} 1\n", "essaim_worker_slots{worker=\"local@test\"} 2\n",
                "essaim_http_request_seconds_count{method=\"POST\",route=\"/v1/tasks/\",status=\"202\"} 2\n",
                "essaim_http_request_seconds_count{method=\"GET\",route=\"none\",status=\"404\"} 1\n",
                "# TYPE process_cpu_seconds_total counter\n", "# TYPE process_working_set_bytes gauge\n", "# TYPE dotnet_collection_count_total counter\n"),
            answer.Text);
        Assert.Equal("", await Promtool.RunAsync(answer.Text, core.Folder.FullName, "check", "metrics"));
    }

    [Fact]
    public async Task Scrape_OpenMetrics_NeedsNoKey_AndTheApiStillDoes()
    {
        await using ServerHarness core = await ServerHarness.StartAsync(options => options.OpenMetrics = true);
        core.Http.DefaultRequestHeaders.Authorization = null;

        Assert.Equal(HttpStatusCode.OK, (await core.GetAsync("/metrics")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await core.GetAsync("/v1/version")).Status);
    }

    private static bool Has(Answer answer, params string[] lines) => lines.All(line => answer.Text.Contains(line, StringComparison.Ordinal));
}
