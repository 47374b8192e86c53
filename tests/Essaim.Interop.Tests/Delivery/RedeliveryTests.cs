namespace Essaim.Interop.Tests.Delivery;

/// <summary>Workers killed with a task in hand: the other kind gets it.</summary>
public sealed class RedeliveryTests : IAsyncLifetime
{
    private static readonly FleetOptions ShortVisibility = new(Query: "visibility_timeout=4", Transport: """{"visibility_timeout": 4}""");
    private TestFleet? _fleet;

    private TestFleet Fleet => _fleet!;

    public async ValueTask InitializeAsync()
    {
        if (Installed.IsUsable)
            _fleet = await TestFleet.StartAsync(ShortVisibility);
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
    }

    [InteropFact]
    public async Task KilledPythonWorker_LosesItsTaskToEssaim_AtTheVisibilityTimeout()
    {
        RunningProgram python = await Fleet.StartPythonWorkerAsync("both", "py@test", slots: 1, acksLate: true);
        await Fleet.Python.RunAsync(
            """
            r = send("tasks.sleep", 5, queue="both", task_id="held")
            wait_for(lambda: r.status == "STARTED")
            assert server.hlen("unacked") == 1
            """);

        await python.KillAsync();
        await Fleet.StartEssaimWorkerAsync("both", "net@test", slots: 1);

        // Five seconds are longer than the visibility time-out: Essaim's own message is not put back while it runs.
        Assert.Equal(
            """["net@test",5,0,0]""",
            await Fleet.Python.TextAsync(
                """
                r = AsyncResult("held", app=app)
                started = wait_for(lambda: (m := meta("held")) and m["status"] == "STARTED" and m["result"]["hostname"] == "net@test" and m, timeout=30)
                result = [started["result"]["hostname"], r.get(timeout=WAIT), wait_for(lambda: server.hlen("unacked") == 0) and server.hlen("unacked"), server.llen("both")]
                """));
    }

    [InteropFact]
    public async Task KilledEssaimWorker_LosesItsTaskToPython_AfterItsLease()
    {
        // The sweep is any Essaim worker's: this one serves another queue.
        await Fleet.StartEssaimWorkerAsync("other", "sweeper@test", 1, "--lease", "3s");
        RunningProgram dying = await Fleet.StartEssaimWorkerAsync("both", "net@test", 1, "--lease", "3s");
        await Fleet.Python.RunAsync("r = send('tasks.sleep', 2, queue='both', task_id='held'); wait_for(lambda: r.status == 'STARTED')");

        await dying.KillAsync();
        await Fleet.StartPythonWorkerAsync("both", "py@test", slots: 1);

        Assert.Equal(
            """["py@test",2]""",
            await Fleet.Python.TextAsync(
                """
                started = wait_for(lambda: (m := meta("held")) and m["status"] == "STARTED" and m["result"]["hostname"] == "py@test" and m, timeout=30)
                result = [started["result"]["hostname"], AsyncResult("held", app=app).get(timeout=WAIT)]
                """));
    }

    [InteropFact]
    public async Task StoppedWorkers_HandOverWhatTheyHold()
    {
        RunningProgram essaim = await Fleet.StartEssaimWorkerAsync("both", "net@test", slots: 1);
        await Fleet.Python.RunAsync(
            """
            running = send("tasks.sleep", 1, queue="both")
            rest = [send("tasks.add", i, i, queue="both", task_id=f"rest-{i}") for i in range(20)]
            wait_for(lambda: running.status == "STARTED")
            """);

        Assert.Equal(0, await essaim.StopAsync());
        await Fleet.StartPythonWorkerAsync("both", "py@test", slots: 1);

        Assert.Equal("380", await Fleet.Python.TextAsync("result = sum(AsyncResult(f'rest-{i}', app=app).get(timeout=WAIT) for i in range(20))"));
    }

    [InteropFact]
    public async Task Revoked_BeforeARestart_IsRevokedAfterIt()
    {
        RunningProgram first = await Fleet.StartEssaimWorkerAsync("both", "net@test", slots: 1);
        await Fleet.Python.RunAsync("app.control.revoke('unwanted', destination=['net@test'], reply=True, timeout=5)");
        Assert.Equal(0, await first.StopAsync());

        await Fleet.StartEssaimWorkerAsync("both", "net@test", slots: 1);

        Assert.Equal(
            """["REVOKED",["revoked"],5]""",
            await Fleet.Python.TextAsync(
                """
                unwanted = send("tasks.add", 1, 1, queue="both", task_id="unwanted")
                error = raised(unwanted)
                result = [unwanted.status, error.args, send("tasks.add", 2, 3, queue="both").get(timeout=WAIT)]
                """));
    }
}
