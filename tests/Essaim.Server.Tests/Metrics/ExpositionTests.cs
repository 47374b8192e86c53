using System.Text;
using Essaim.Protocol;
using Essaim.Storage;
using Essaim.Storage.Sqlite;
using Essaim.Testing;

namespace Essaim.Server.Tests;

/// <summary>The text for known facts, whole. The clock stands still unless a test moves it.</summary>
public sealed class ExpositionTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("essaim-metrics-");
    private readonly FakeTimeProvider _time = new();
    private readonly CoreMetrics _metrics = new(withProcess: false);
    private NamedBackend _backend = null!;
    private SqliteMetadataStore _store = null!;
    private MetricsReporter _reporter = null!;

    public ValueTask InitializeAsync()
    {
        _backend = new NamedBackend(_time);
        _store = SqliteMetadataStore.Open(Path.Combine(_folder.FullName, "metadata.db"), _time);
        _reporter = new MetricsReporter(_metrics, _backend, _store, new LiveConfiguration(), _time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _reporter.Dispose();
        await _store.DisposeAsync();
        await _backend.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Text_QueuesWorkersTasksAndRequests_Whole()
    {
        await PublishAsync("mail", "one");
        await PublishAsync("mail", "two");
        await PublishAsync("mail", "later", _time.GetUtcNow().AddHours(1));
        await _backend.Broker.ClaimAsync(new ClaimRequest { Worker = "w@h", Queues = [new QueueClaim("mail")], Max = 1 }, ServerHarness.Stop);
        await _backend.Broker.SetPauseAsync("scan", new QueuePause("", "ada", _time.GetUtcNow()), ServerHarness.Stop);
        await HearAsync(
            "pi@attic",
            """{"freq":2,"active":1,"processed":41,"slots":{"now":2,"min":1,"max":4},"memory":94371840,"cpu":0.25,"temperature":61.8,"throttled":["hot"]}""");
        await HearAsync("celery@attic", """{"freq":2,"active":3,"processed":7}""");
        _metrics.Completed("mail.send", "SUCCESS");
        _metrics.Completed("mail.send", "SUCCESS");
        _metrics.Completed("say \"hi\"\\", "FAILURE");
        _metrics.Answered("GET", "/v1/tasks/{id}", "200", TimeSpan.FromSeconds(0.25));
        _time.Advance(TimeSpan.FromSeconds(4.5));

        Assert.Equal(
            """
            # HELP essaim_broker_up 1 while the broker answers; while it does not, queues have no series.
            # TYPE essaim_broker_up gauge
            essaim_broker_up 1
            # HELP essaim_config_followed 1 while the core follows what is published; 0: it cannot be read or is refused, and the last good one holds.
            # TYPE essaim_config_followed gauge
            essaim_config_followed 1
            # HELP essaim_config_published_timestamp_seconds When the configuration the core applies was published; 0: none was.
            # TYPE essaim_config_published_timestamp_seconds gauge
            essaim_config_published_timestamp_seconds 0
            # HELP essaim_config_revision Revision of the configuration the core applies.
            # TYPE essaim_config_revision gauge
            essaim_config_revision 0
            # HELP essaim_history_up 1 while the history answers; while it does not, workers have no series.
            # TYPE essaim_history_up gauge
            essaim_history_up 1
            # HELP essaim_http_request_seconds Duration of HTTP requests; streams count until they end.
            # TYPE essaim_http_request_seconds histogram
            essaim_http_request_seconds_sum{method="GET",route="/v1/tasks/{id}",status="200"} 0.25
            essaim_http_request_seconds_count{method="GET",route="/v1/tasks/{id}",status="200"} 1
            essaim_http_request_seconds_bucket{method="GET",route="/v1/tasks/{id}",status="200",le="0.005"} 0
            essaim_http_request_seconds_bucket{method="GET",route="/v1/tasks/{id}",status="200",le="0.02"} 0
            essaim_http_request_seconds_bucket{method="GET",route="/v1/tasks/{id}",status="200",le="0.1"} 0
            essaim_http_request_seconds_bucket{method="GET",route="/v1/tasks/{id}",status="200",le="0.5"} 1
            essaim_http_request_seconds_bucket{method="GET",route="/v1/tasks/{id}",status="200",le="2"} 1
            essaim_http_request_seconds_bucket{method="GET",route="/v1/tasks/{id}",status="200",le="10"} 1
            essaim_http_request_seconds_bucket{method="GET",route="/v1/tasks/{id}",status="200",le="60"} 1
            essaim_http_request_seconds_bucket{method="GET",route="/v1/tasks/{id}",status="200",le="+Inf"} 1
            # HELP essaim_queue_dead Dead letters.
            # TYPE essaim_queue_dead gauge
            essaim_queue_dead{queue="mail"} 0
            essaim_queue_dead{queue="scan"} 0
            # HELP essaim_queue_delayed Messages waiting for their time.
            # TYPE essaim_queue_delayed gauge
            essaim_queue_delayed{queue="mail"} 1
            essaim_queue_delayed{queue="scan"} 0
            # HELP essaim_queue_in_flight Messages with workers.
            # TYPE essaim_queue_in_flight gauge
            essaim_queue_in_flight{queue="mail"} 1
            essaim_queue_in_flight{queue="scan"} 0
            # HELP essaim_queue_oldest_seconds How long the oldest waiting message has waited; 0 where none waits.
            # TYPE essaim_queue_oldest_seconds gauge
            essaim_queue_oldest_seconds{queue="mail"} 4.5
            essaim_queue_oldest_seconds{queue="scan"} 0
            # HELP essaim_queue_paused 1 where the queue is paused.
            # TYPE essaim_queue_paused gauge
            essaim_queue_paused{queue="mail"} 0
            essaim_queue_paused{queue="scan"} 1
            # HELP essaim_queue_ready Messages waiting.
            # TYPE essaim_queue_ready gauge
            essaim_queue_ready{queue="mail"} 1
            essaim_queue_ready{queue="scan"} 0
            # HELP essaim_tasks_completed_total Tasks that ended since the core started, as the broker's feed of completions tells.
            # TYPE essaim_tasks_completed_total counter
            essaim_tasks_completed_total{task="mail.send",state="SUCCESS"} 2
            essaim_tasks_completed_total{task="say \"hi\"\\",state="FAILURE"} 1
            # HELP essaim_worker_config_in_sync 0 where the worker applies another configuration 30 s after one was published, or started with another.
            # TYPE essaim_worker_config_in_sync gauge
            # HELP essaim_worker_cpu_ratio Share of one core between the last two heartbeats, children included.
            # TYPE essaim_worker_cpu_ratio gauge
            essaim_worker_cpu_ratio{worker="pi@attic"} 0.25
            # HELP essaim_worker_heartbeat_age_seconds Time since the worker was last heard.
            # TYPE essaim_worker_heartbeat_age_seconds gauge
            essaim_worker_heartbeat_age_seconds{worker="celery@attic"} 4.5
            essaim_worker_heartbeat_age_seconds{worker="pi@attic"} 4.5
            # HELP essaim_worker_memory_bytes Resident memory, children included.
            # TYPE essaim_worker_memory_bytes gauge
            essaim_worker_memory_bytes{worker="pi@attic"} 94371840
            # HELP essaim_worker_processed_total Tasks the worker has begun since its start.
            # TYPE essaim_worker_processed_total counter
            essaim_worker_processed_total{worker="celery@attic"} 7
            essaim_worker_processed_total{worker="pi@attic"} 41
            # HELP essaim_worker_slots Slots.
            # TYPE essaim_worker_slots gauge
            essaim_worker_slots{worker="pi@attic"} 2
            # HELP essaim_worker_slots_busy Slots that run a task.
            # TYPE essaim_worker_slots_busy gauge
            essaim_worker_slots_busy{worker="celery@attic"} 3
            essaim_worker_slots_busy{worker="pi@attic"} 1
            # HELP essaim_worker_temperature_celsius Temperature of the processor.
            # TYPE essaim_worker_temperature_celsius gauge
            essaim_worker_temperature_celsius{worker="pi@attic"} 61.8
            # HELP essaim_worker_throttled 1 where something holds the processor back: heat or voltage.
            # TYPE essaim_worker_throttled gauge
            essaim_worker_throttled{worker="pi@attic"} 1
            # HELP essaim_worker_up 1 while the worker is heard, late heartbeats included; 0: offline.
            # TYPE essaim_worker_up gauge
            essaim_worker_up{worker="celery@attic"} 1
            essaim_worker_up{worker="pi@attic"} 1
            """,
            await ReadAsync());
    }

    [Fact]
    public async Task Worker_Restarted_ItsCountBeginsAnew_AndAfterAnHourOfSilenceItHasNoSeries()
    {
        await HearAsync("w@h", """{"freq":2,"processed":41}""");
        Assert.Contains("essaim_worker_processed_total{worker=\"w@h\"} 41", await ReadAsync(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(2));
        await HearAsync("w@h", """{"freq":2,"processed":3}""");
        Assert.Contains("essaim_worker_processed_total{worker=\"w@h\"} 3", await ReadAsync(), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Contains("essaim_worker_up{worker=\"w@h\"} 0", await ReadAsync(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain("w@h", await ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_ThatIsHeardRarely_IsNotForgottenBetween()
    {
        await HearAsync("w@h", """{"freq":3600,"processed":41}""");
        _time.Advance(TimeSpan.FromMinutes(100));
        Assert.Contains("essaim_worker_up{worker=\"w@h\"} 1", await ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scrapes_WithinASecond_AskTheBrokerOnce()
    {
        string first = await ReadAsync();
        await PublishAsync("mail", "one");
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(first, await ReadAsync());
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Contains("essaim_queue_ready{queue=\"mail\"} 1", await ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broker_Fails_IsAFactAndTakesTheQueuesAway()
    {
        await PublishAsync("mail", "one");
        Assert.Contains("essaim_queue_ready{queue=\"mail\"} 1", await ReadAsync(), StringComparison.Ordinal);
        _backend.Failure = "The broker is gone.";
        _time.Advance(TimeSpan.FromSeconds(1));

        string text = await ReadAsync();

        Assert.Contains("essaim_broker_up 0", text, StringComparison.Ordinal);
        Assert.DoesNotContain("queue=\"mail\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tasks_OfMoreThan200Names_TheRestIsOther()
    {
        for (int i = 0; i < 250; i++)
            _metrics.Completed($"task{i}", "SUCCESS");
        string text = await ReadAsync();
        Assert.Contains("essaim_tasks_completed_total{task=\"task199\",state=\"SUCCESS\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("essaim_tasks_completed_total{task=\"other\",state=\"SUCCESS\"} 50", text, StringComparison.Ordinal);
        Assert.DoesNotContain("task200", text, StringComparison.Ordinal);
    }

    private ValueTask<IReadOnlyList<string>> HearAsync(string worker, string facts) => _store.Tasks.RecordAsync(
        new HistoryBatch([], [new WorkerSighting(worker, _time.GetUtcNow(), Offline: false, RawJson.Parse(facts))]), ServerHarness.Stop);

    private async Task PublishAsync(string queue, string id, DateTimeOffset? notBefore = null) => await _backend.Broker.PublishAsync(
        Outgoing.Of(new OutgoingMessage { Envelope = "{}"u8.ToArray(), TaskId = id, TaskName = "t", Queue = queue, NotBefore = notBefore }), ServerHarness.Stop);

    /// <summary>The text but for the version, families by name and series by label: their order means nothing, and is left to the library.</summary>
    private async Task<string> ReadAsync()
    {
        string text = Encoding.UTF8.GetString((await _reporter.ReportAsync(ServerHarness.Stop)).Span);
        IEnumerable<string> families = text.Split("# HELP ").Skip(1).Where(family => !family.StartsWith("essaim_build_info", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return string.Join('\n', families.Select(Sort));
    }

    private static string Sort(string family)
    {
        string[] lines = family.TrimEnd('\n').Split('\n');
        bool histogram = lines[1].EndsWith(" histogram", StringComparison.Ordinal);
        return string.Join('\n', (string[])["# HELP " + lines[0], lines[1], .. histogram ? lines.Skip(2) : lines.Skip(2).Order(StringComparer.Ordinal)]);
    }
}
