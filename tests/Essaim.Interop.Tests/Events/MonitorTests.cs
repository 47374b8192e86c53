namespace Essaim.Interop.Tests.Events;

/// <summary>What Flower does at its start and on its pages: broadcasts with a time-out of one second, and queue lengths.</summary>
public sealed class MonitorTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    [InteropTheory]
    [InlineData("stats")]
    [InlineData("active_queues")]
    [InlineData("registered")]
    [InlineData("scheduled")]
    [InlineData("active")]
    [InlineData("reserved")]
    [InlineData("revoked")]
    [InlineData("conf")]
    public async Task Inspect_WithinASecond_IsAnsweredByBothKinds(string method) => Assert.Equal(
        """["net@test","py@test"]""",
        await mixed.Python.TextAsync(
            """
            arguments = {"active": {"safe": True}}.get(method, {})
            replies = app.control.broadcast(method, arguments=arguments, reply=True, timeout=1)
            result = sorted(node for reply in replies for node, value in reply.items() if "error" not in value)
            """,
            ("method", method)));

    [InteropFact]
    public async Task Inspect_WhileAllSlotsAreBusy_IsAnsweredWithinASecond() => Assert.Equal(
        "[true,2]",
        await mixed.Python.TextAsync(
            """
            running = [send("tasks.sleep", 3, queue="net") for _ in range(4)]
            wait_for(lambda: sum(r.status == "STARTED" for r in running) == 2)
            active = app.control.inspect(destination=["net@test"], timeout=1).active()
            result = [active is not None, len(active["net@test"])]
            [r.get(timeout=WAIT) for r in running]
            """));

    [InteropFact]
    public async Task EnableEvents_EveryFewSeconds_ChangesNothing() => Assert.Equal(
        "5",
        await mixed.Python.TextAsync(
            """
            for _ in range(3):
                app.control.enable_events()
            result = send("tasks.add", 2, 3, queue="net").get(timeout=WAIT)
            """));

    [InteropFact]
    public async Task QueueLength_OfTheStepLists_CountsWhatEssaimSent()
    {
        foreach (int priority in (int[])[0, 4, 9])
        {
            await mixed.Client.SendAsync(
                "tasks.add", [1, 1], null, new EnqueueOptions { Queue = "counted", Priority = priority }, TestContext.Current.CancellationToken);
        }

        Assert.Equal(
            "[1,1,0,1]",
            await mixed.Python.TextAsync(
                """
                steps = ["counted"] + [f"counted\x06\x16{step}" for step in (3, 6, 9)]
                result = [server.llen(step) for step in steps]
                """));
    }

    [InteropFact]
    public async Task Task_HasNameAndTimes_ForItsPageAndHistogram() => Assert.Equal(
        """["tasks.sleep",true,true,true]""",
        await mixed.Python.TextAsync(
            """
            with Watch() as watch:
                r = send("tasks.sleep", 0.2, queue="net")
                watch.types(r.id, "task-succeeded")
                task = watch.state.tasks[r.id]
            result = [task.name, task.started >= task.received - 0.1, task.runtime >= 0.2, task.succeeded > 0]
            """));
}
