namespace Essaim.Interop.Tests.Delivery;

/// <summary>Redis itself dies and comes back with what its disk has.</summary>
public sealed class RedisCrashTests
{
    [InteropFact]
    public async Task Fleet_AfterACrashOfRedis_GoesOnWithWhatWaited()
    {
        await using TestFleet fleet = await TestFleet.StartAsync(new FleetOptions(Durable: true));
        await Task.WhenAll(fleet.StartPythonWorkerAsync("py", "py@test"), fleet.StartEssaimWorkerAsync("net", "net@test"));
        foreach (string queue in (string[])["py", "net", "later"])
        {
            await fleet.Client.SendAsync(
                "tasks.add", [2, 3], null, new EnqueueOptions { Queue = queue, TaskId = $"essaim-{queue}", Countdown = queue == "later" ? null : TimeSpan.FromSeconds(3) },
                TestContext.Current.CancellationToken);
        }

        await fleet.Python.RunAsync(
            """
            for queue in ("py", "net"):
                send("tasks.add", 3, 4, queue=queue, task_id=f"python-{queue}", countdown=3)
            """);

        await fleet.Redis.CrashAsync();
        await fleet.StartEssaimWorkerAsync("later", "later@test", slots: 1);

        Assert.Equal(
            "[5,5,5,7,7]",
            await fleet.Python.TextAsync(
                """
                def value(id):
                    try:
                        return ended(id, timeout=1)["result"]
                    except (redis.exceptions.ConnectionError, TimeoutError):
                        return None
                ids = ("essaim-py", "essaim-net", "essaim-later", "python-py", "python-net")
                result = [wait_for(lambda: value(id), timeout=60) for id in ids]
                """));
    }
}
