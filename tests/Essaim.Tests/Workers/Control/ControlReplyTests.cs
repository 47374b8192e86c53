using System.Text.Json;
using System.Text.Json.Nodes;
using Essaim.Protocol;

namespace Essaim.Tests.Workers.Control;

/// <summary>Replies compared with those of a real Celery worker.</summary>
public sealed class ControlReplyTests
{
    [Theory]
    [InlineData("ping")]
    [InlineData("active_queues")]
    [InlineData("add_consumer")]
    [InlineData("autoscale_disabled")]
    [InlineData("cancel_consumer")]
    [InlineData("election")]
    [InlineData("enable_events")]
    [InlineData("heartbeat")]
    [InlineData("pool_grow")]
    [InlineData("pool_restart")]
    [InlineData("pool_shrink")]
    [InlineData("rate_limit")]
    [InlineData("rate_limit_bad")]
    [InlineData("rate_limit_unknown")]
    [InlineData("registered")]
    [InlineData("revoke")]
    [InlineData("revoke_terminate_unknown")]
    [InlineData("time_limit")]
    [InlineData("unknown_command")]
    public async Task Reply_ToACapturedRequest_IsCelerys(string name)
    {
        await using RunningWorker worker = Start();
        ControlCapture capture = ControlCapture.Load(name);

        ControlCapture.AssertEqual(capture.Reply, await worker.ControlAsync(capture.Method, capture.Arguments));
    }

    [Fact]
    public async Task Reply_Autoscaling_IsCelerys()
    {
        await using RunningWorker worker = Start(options => (options.MaxConcurrency, options.MinConcurrency) = (3, 2));
        ControlCapture capture = ControlCapture.Load("autoscale");

        ControlCapture.AssertEqual(capture.Reply, await worker.ControlAsync(capture.Method, capture.Arguments));
        JsonElement scaler = (await worker.ControlAsync("stats")).Deserialize<JsonElement>().GetProperty("autoscaler");
        Assert.Equal((4, 1), (scaler.GetProperty("max").GetInt32(), scaler.GetProperty("min").GetInt32()));
        Assert.Equal(
            "pool_grow is not supported with autoscale. Adjust autoscale range instead.",
            (await worker.ControlAsync("pool_grow", new { n = 1 })).Deserialize<Dictionary<string, string>>()!["error"]);
    }

    [Fact]
    public async Task Reply_RevokedIds_AreListedAndTold()
    {
        await using RunningWorker worker = Start();
        await worker.ControlAsync("revoke", new { task_id = "dead-beef" });

        ControlCapture.AssertEqual(ControlCapture.Load("revoked").Reply, await worker.ControlAsync("revoked"));
        ControlCapture hello = ControlCapture.Load("hello");
        string text = (await worker.ControlAsync(hello.Method, hello.Arguments)).ToString();
        Assert.Matches("""^\{"revoked":\{"dead-beef":\[[0-9]+\.[0-9]+,"dead-beef"\]\},"clock":[0-9]+\}$""", text);
        Assert.Equal("null", (await worker.ControlAsync("hello", new { from_node = "test@here", revoked = new { } })).ToString());
    }

    [Fact]
    public async Task Hello_BringsIds_AreRevokedHereFromThenOn()
    {
        await using RunningWorker worker = Start();
        TaskMessage message = Script.Message("tasks.add");

        await worker.ControlAsync("hello", RawJson.Parse(
            $$"""{"from_node": "other@there", "revoked": {"{{message.Id}}": [12.5, "{{message.Id}}"], "older": 3.0} }"""));
        await worker.SendAsync(message);

        Assert.StartsWith("REVOKED", await worker.ResultAsync(message.Id), StringComparison.Ordinal);
        Assert.Equal([message.Id, "older"], (await worker.ControlAsync("revoked")).Deserialize<string[]>()!);
    }

    [Theory]
    [InlineData("active", false)]
    [InlineData("active_safe", true)]
    public async Task Active_TaskRuns_IsToldAsCelerysWorkersDo(string name, bool safe)
    {
        await using RunningWorker worker = new(options => options.Pool = WorkerPool.Threads);
        TaskMessage message = Script.Message("deaf", "x") with { ArgsRepr = "('x',)", KwargsRepr = "{}" };
        await worker.SendAsync(message);
        await worker.UntilStartedAsync(message.Id);
        ControlCapture capture = ControlCapture.Load(name);

        RawJson reply = await worker.ControlAsync(capture.Method, capture.Arguments);

        JsonElement task = reply.Deserialize<JsonElement>()[0];
        JsonArray expected = JsonNode.Parse(capture.Reply.GetRawText())!.AsArray();
        Fill(expected[0]!, message, safe ? JsonValue.Create("('x',)") : new JsonArray("x"));
        expected[0]!["time_start"] = task.GetProperty("time_start").GetDouble();
        expected[0]!["worker_pid"] = Environment.ProcessId;
        ControlCapture.AssertEqual(JsonSerializer.SerializeToElement(expected), reply);
    }

    [Fact]
    public async Task ReservedAndQueryTask_TaskRunsAndOneIsLimited_TellWhichIsWhich()
    {
        await using RunningWorker worker = new(options => options.Pool = WorkerPool.Threads);
        await worker.ControlAsync("rate_limit", new { task_name = "stoppable", rate_limit = "1/h" });
        TaskMessage[] messages = [Script.Message("stoppable", "x"), Script.Message("stoppable", "x")];
        await worker.SendAsync(messages[0]);
        await worker.UntilStartedAsync(messages[0].Id);
        await worker.ControlAsync("pool_grow");
        await worker.SendAsync(messages[1]);

        JsonElement answer = default;
        await RunningWorker.UntilAsync(async () =>
        {
            answer = (await worker.ControlAsync("query_task", new { ids = messages.Select(one => one.Id).Append("nope") })).Deserialize<JsonElement>();
            return answer.EnumerateObject().Count() == 2;
        });

        Assert.Equal("active", answer.GetProperty(messages[0].Id)[0].GetString());
        Assert.Equal("ready", answer.GetProperty(messages[1].Id)[0].GetString());
        ControlCapture.AssertSameShape(ControlCapture.Load("query_task").Reply.EnumerateObject().First().Value[1], answer.GetProperty(messages[0].Id)[1]);
        Assert.Equal("[]", (await worker.ControlAsync("reserved")).ToString());
        Assert.Equal("[]", (await worker.ControlAsync("scheduled")).ToString());
        Assert.Equal(1, (await worker.ControlAsync("stats")).Deserialize<JsonElement>().GetProperty("rate_limited").GetInt32());
    }

    [Fact]
    public async Task Stats_AllFieldsOfCelerys_AreThereAndOfTheSameKind()
    {
        await using RunningWorker worker = Start();
        await worker.ResultAsync(await worker.SendAsync("tasks.add"));

        JsonElement stats = (await worker.ControlAsync("stats")).Deserialize<JsonElement>();

        ControlCapture.AssertSameShape(ControlCapture.Load("stats").Reply, stats);
        Assert.Equal("""{"tasks.add":1}""", stats.GetProperty("total").GetRawText());
        Assert.Equal("memory", stats.GetProperty("broker").GetProperty("transport").GetString());
        Assert.Equal("1.00", stats.GetProperty("pool").GetProperty("writes").GetProperty("all").GetString());
        Assert.True(stats.GetProperty("rusage").GetProperty("maxrss").GetInt64() > 1000);
    }

    [Theory]
    [InlineData("redis://:***@db.example:6401/3", "redis", "db.example", 6401, "3", null, false)]
    [InlineData("rediss://me:secret@h/0?x=1", "redis", "h", 6379, "0", "me", true)]
    [InlineData("sqlite:data/essaim.db", "sqlite", null, null, "data/essaim.db", null, false)]
    public void BrokerFacts_OfUrl_AreItsPartsWithoutPassword(
        string url, string transport, string? host, int? port, string database, string? user, bool tls)
    {
        Dictionary<string, object?> facts = BrokerFacts.Of(url);

        Assert.Equal(
            (transport, host, port, database, user, tls),
            ((string)facts["transport"]!, (string?)facts["hostname"], (int?)facts["port"], (string)facts["virtual_host"]!, (string?)facts["userid"], (bool)facts["ssl"]!));
        Assert.DoesNotContain("secret", JsonSerializer.Serialize(facts), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfAndReport_TellCelerysNames()
    {
        await using RunningWorker worker = Start(options => options.HardTimeLimit = TimeSpan.FromSeconds(60));

        Dictionary<string, JsonElement> changed = (await worker.ControlAsync("conf", new { with_defaults = false })).Deserialize<Dictionary<string, JsonElement>>()!;
        Dictionary<string, JsonElement> all = (await worker.ControlAsync("conf", new { with_defaults = true })).Deserialize<Dictionary<string, JsonElement>>()!;
        string report = (await worker.ControlAsync("report")).Deserialize<Dictionary<string, string>>()!["ok"];

        Assert.Equal(("memory:", 60), (changed["broker_url"].GetString(), changed["task_time_limit"].GetInt32()));
        Assert.DoesNotContain("timezone", changed.Keys);
        Assert.Equal("UTC", all["timezone"].GetString());
        Assert.StartsWith("\nsoftware -> essaim:", report, StringComparison.Ordinal);
        Assert.Contains("\nbroker_url: 'memory:'\n", report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("revoke", "{}", "TypeError(\"revoke() missing 1 required positional argument: 'task_id'\")")]
    [InlineData("rate_limit", "{\"task_name\": \"tasks.add\", \"rate_limit\": \"x/s\"}", "Invalid rate limit string: ValueError(\"could not convert string to float: 'x'\")")]
    [InlineData("terminate", "{\"task_id\": \"a\", \"signal\": \"FOO\"}", "AttributeError(\"module 'signal' has no attribute 'SIGFOO'\")")]
    [InlineData("time_limit", "{\"task_name\": null}", "unknown task")]
    public async Task Error_WrongArguments_IsShownAsPythonDoes(string method, string arguments, string error)
    {
        await using RunningWorker worker = Start();

        Assert.Equal(error, (await worker.ControlAsync(method, RawJson.Parse(arguments))).Deserialize<Dictionary<string, string>>()!["error"]);
    }

    [Theory]
    [InlineData("active", "{\"safe\": null}", "[]")]
    [InlineData("active", "null", "[]")]
    [InlineData("rate_limit", "{\"task_name\": \"tasks.add\", \"rate_limit\": null}", "{\"ok\":\"rate limit disabled successfully\"}")]
    [InlineData("rate_limit", "{\"task_name\": \"tasks.add\", \"rate_limit\": 0}", "{\"ok\":\"rate limit disabled successfully\"}")]
    [InlineData("revoke", "{\"task_id\": [\"id-1\", \"id-2\"], \"terminate\": null}", "{\"ok\":\"tasks id-1, id-2 flagged as revoked\"}")]
    public async Task Reply_NullArguments_AreAsGoodAsNone(string method, string arguments, string reply)
    {
        await using RunningWorker worker = Start();

        Assert.Equal(reply, (await worker.ControlAsync(method, RawJson.Parse(arguments))).ToString());
    }

    private static void Fill(JsonNode task, TaskMessage message, JsonNode args)
    {
        task["id"] = message.Id;
        task["name"] = message.Task;
        task["type"] = message.Task;
        task["args"] = args;
        task["hostname"] = "test@here";
        // The message is the broker's until the task has ended, as with acks_late.
        task["acknowledged"] = false;
    }

    /// <summary>A worker with the tasks of the captured one.</summary>
    private static RunningWorker Start(Action<WorkerOptions>? configure = null)
    {
        TaskRegistryBuilder builder = new();
        foreach (string name in ControlCapture.Load("registered").Reply.Deserialize<string[]>()!)
        {
            string[] parts = name.Split(' ');
            builder.AddTask(parts[0], () => { }, options => options.RateLimit = parts.Length > 1 ? "2/s" : null);
        }

        return new RunningWorker(
            options =>
            {
                options.Pool = WorkerPool.Threads;
                configure?.Invoke(options);
            },
            registry: builder.Build());
    }
}
