using Essaim.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Interop.Tests.Migration;

/// <summary>A real Celery app reads what Essaim's side publishes, with the lines of the guide.</summary>
public sealed class ConfigurationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropFact]
    public async Task Celery_WithTheGuidesLines_HasTheQueuesRoutesAndSettings()
    {
        await using TestFleet fleet = await TestFleet.StartAsync();
        ConfigSnapshot published = await PublishAsync(fleet);
        await fleet.StartConfiguredPythonWorkerAsync("py@test", Guide.LoadConfig);

        Assert.Equal(
            """[["calc","slow"],["calc","slow","calc","calc"],[7,"calc"],[45,90],true]""",
            await fleet.Python.TextAsync(
                """
                exec(lines, globals())
                read = load_config(app)
                app.amqp.flush_routes()
                app.amqp.router = app.amqp.Router()
                served = sorted(q["name"] for q in app.control.inspect(["py@test"], timeout=5).active_queues()["py@test"])
                ways = [app.amqp.router.route({}, name)["queue"] for name in ("tasks.add", "tasks.sleep", "tasks.add.more", "other")]
                ways = [way if isinstance(way, str) else way.name for way in ways]
                r = app.send_task("tasks.add", args=[3, 4])
                answer = r.get(timeout=WAIT)
                conf = app.control.inspect(["py@test"], timeout=5).conf(with_defaults=True)["py@test"]
                result = [served, ways, [answer, "calc"], [conf["task_time_limit"], app.conf.result_expires], read == version]
                """,
                ("lines", Guide.LoadConfig), ("version", published.Version)));
    }

    [InteropFact]
    public async Task DotNetClient_WithoutAWord_GoesByTheSameRoutes()
    {
        await using TestFleet fleet = await TestFleet.StartAsync();
        await PublishAsync(fleet);
        await fleet.StartConfiguredPythonWorkerAsync("py@test", Guide.LoadConfig);

        Assert.Equal(9, await fleet.Client.CallAsync<int>("tasks.add", [4, 5], cancellationToken: Stop));
        TaskHandle handle = await fleet.Client.SendAsync("tasks.sleep", [0.1], cancellationToken: Stop);
        await handle.GetResultAsync<RawJson>(TimeSpan.FromSeconds(30), Stop);
    }

    private static async Task<ConfigSnapshot> PublishAsync(TestFleet fleet)
    {
        ConfigSource source = ConfigSource.Of(
            "test", 1, [new QueueDefinition("calc") { Class = QueueClass.Cpu, Priority = QueuePriority.High }, new QueueDefinition("slow")],
            new Dictionary<string, string> { ["tasks.*"] = "calc", ["tasks.sle*"] = "slow" },
            new Dictionary<string, object?> { ["task_time_limit"] = 45, ["result_expires"] = 90, ["worker_heartbeat"] = 2, ["task_default_queue"] = "calc", ["my_own"] = "x" });
        return await new ConfigPublisher((await fleet.GetBackendAsync()).Configuration, "w@test", NullLogger.Instance).PublishAsync(source, false, Stop);
    }
}
