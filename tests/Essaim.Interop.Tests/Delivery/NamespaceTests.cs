using System.Text.Json.Nodes;
using Essaim.Protocol;

namespace Essaim.Interop.Tests.Delivery;

/// <summary>Several fleets on one Redis: by key prefix and by database.</summary>
public sealed class NamespaceTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropFact]
    public async Task KeyPrefix_IsSharedWithCelery()
    {
        await using TestFleet fleet = await TestFleet.StartAsync(new FleetOptions(Query: "global_keyprefix=shop:", Transport: """{"global_keyprefix": "shop:"}"""));
        await Task.WhenAll(fleet.StartPythonWorkerAsync("py", "py@test"), fleet.StartEssaimWorkerAsync("net", "net@test"));

        Assert.Equal(
            """[50,[["net@test",{"ok":"pong"}],["py@test",{"ok":"pong"}]],[]]""",
            await fleet.Python.TextAsync(
                """
                value = chain(sig("tasks.add", 2, 3, queue="net"), sig("tasks.mul", 10, queue="py")).apply_async().get(timeout=WAIT)
                pongs = sorted([node, answer] for reply in app.control.ping(timeout=2) for node, answer in reply.items())
                bare = [key.decode() for key in server.keys("*") if not key.startswith((b"shop:", b"celery-task-meta-", b"celery-taskset-meta-"))]
                result = [value, pongs, bare]
                """));
        TaskHandle handle = await fleet.Client.SendAsync("tasks.add", [2, 3], null, new EnqueueOptions { Queue = "py" }, Stop);
        Assert.Equal(5, await handle.GetResultAsync<long>(Wait, Stop));
        IBackend backend = await fleet.GetBackendAsync();
        IReadOnlyList<ControlReply> replies = await backend.Control.CallAsync(new ControlRequest("ping", RawJson.EmptyObject), TimeSpan.FromSeconds(2), Stop);
        Assert.Equal(["net@test", "py@test"], replies.Select(reply => reply.Node).Order());
    }

    [InteropFact]
    public async Task Databases_AreApart()
    {
        await using TestFleet zero = await TestFleet.StartAsync();
        TestFleet seven = zero.Beside(new FleetOptions(Database: 7));
        await Task.WhenAll(zero.StartEssaimWorkerAsync("work", "zero@test"), seven.StartPythonWorkerAsync("work", "seven@test"));

        Assert.Equal("""["zero@test"]""", await PingAsync(zero));
        Assert.Equal("""["seven@test"]""", await PingAsync(seven));
        TaskHandle onZero = await zero.Client.SendAsync("tasks.add", [2, 3], null, new EnqueueOptions { Queue = "work" }, Stop);
        TaskHandle onSeven = await seven.Client.SendAsync("tasks.add", [3, 4], null, new EnqueueOptions { Queue = "work" }, Stop);
        Assert.Equal(5, await onZero.GetResultAsync<long>(Wait, Stop));
        Assert.Equal(7, await onSeven.GetResultAsync<long>(Wait, Stop));
        Assert.Equal("[5,null]", await zero.Python.TextAsync(
            "result = [meta(a)['result'], meta(b)['result']]", ("a", onZero.Id), ("b", onSeven.Id)));
    }

    private static async Task<string> PingAsync(TestFleet fleet)
    {
        JsonNode? nodes = await fleet.Python.RunAsync("result = sorted(node for reply in app.control.ping(timeout=1) for node in reply)");
        return PythonClient.Plain(nodes);
    }
}
