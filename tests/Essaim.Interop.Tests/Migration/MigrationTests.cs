namespace Essaim.Interop.Tests.Migration;

/// <summary>The guide, step by step.</summary>
public sealed class MigrationTests
{
    private const string WhoRuns =
        """
        def who_runs():
            r = app.send_task("tasks.sleep", args=[0.5])
            started = wait_for(lambda: (m := meta(r)) and m["status"] == "STARTED" and m)
            r.get(timeout=WAIT)
            return started["result"]["hostname"].split("@")[0]
        """;

    [InteropFact]
    public async Task Task_MovesToEssaimAndBack_AsTheGuideSays()
    {
        await using TestFleet fleet = await TestFleet.StartAsync(new FleetOptions(Query: Guide.Query, Transport: Guide.Transport));
        await Task.WhenAll(fleet.StartPythonWorkerAsync("py", "py@test"), fleet.StartSampleAsync(Guide.Worker, "net@"));
        await fleet.Python.RunAsync("exec(settings, globals())", ("settings", Guide.Python[0]));
        Assert.Contains("2 nodes online.", await fleet.RunCeleryAsync([.. Guide.Celery[0], "--timeout", "3"]), StringComparison.Ordinal);

        Assert.Equal(
            """["py","net","py"]""",
            await fleet.Python.TextAsync(
                WhoRuns + """

                result = [who_runs()]
                exec(there)
                result.append(who_runs())
                exec(back)
                result.append(who_runs())
                """,
                ("there", Guide.Python[1]), ("back", Guide.Python[2])));

        Assert.Contains("no longer consuming from net", await fleet.RunCeleryAsync([.. Guide.Celery[1], "--timeout", "3"]), StringComparison.Ordinal);
        Assert.Equal(
            "[1,5]",
            await fleet.Python.TextAsync(
                """
                waiting = send("tasks.add", 2, 3, queue="net", task_id="left-over")
                # Everybody has left the queue; a Python worker takes it up.
                left = server.llen("shop:net")
                app.control.add_consumer("net", destination=["py@test"], reply=True, timeout=5)
                result = [left, waiting.get(timeout=WAIT)]
                """));
    }

    [InteropFact]
    public async Task BothKinds_OnOneQueue_ShareItsWork()
    {
        await using TestFleet fleet = await TestFleet.StartAsync();
        await Task.WhenAll(fleet.StartPythonWorkerAsync("shared", "py@test"), fleet.StartEssaimWorkerAsync("shared", "net@test"));

        Assert.Equal(
            """["net@test","py@test"]""",
            await fleet.Python.TextAsync(
                """
                tasks = [send("tasks.sleep", 1, queue="shared") for _ in range(8)]
                seen = set()
                def all_done():
                    seen.update(m["result"]["hostname"] for m in map(meta, tasks) if m["status"] == "STARTED")
                    return all(t.ready() for t in tasks)
                wait_for(all_done)
                result = sorted(seen)
                """));
    }
}
