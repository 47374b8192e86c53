namespace Essaim.Interop.Tests.Delivery;

/// <summary>Messages nobody can read: Essaim puts them aside and goes on, and sends none itself.</summary>
public sealed class MalformedTests : IAsyncLifetime
{
    private TestFleet? _fleet;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private TestFleet Fleet => _fleet!;

    public async ValueTask InitializeAsync()
    {
        if (Installed.IsUsable)
            _fleet = await TestFleet.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
    }

    [InteropFact]
    public async Task Malformed_Messages_BecomeDeadLetters_AndTheWorkerGoesOn()
    {
        await Fleet.StartEssaimWorkerAsync("net", "net@test", slots: 1);

        string value = await Fleet.Python.TextAsync(
            """
            import base64, copy
            b64 = lambda text: base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()

            def envelope(body='[[1, 2], {}, {}]', **changes):
                e = {"body": b64(body), "content-encoding": "utf-8", "content-type": "application/json",
                     "headers": {"lang": "py", "task": "tasks.add", "id": str(uuid.uuid4())},
                     "properties": {"correlation_id": "c", "reply_to": "", "delivery_mode": 2, "priority": 0, "body_encoding": "base64",
                                    "delivery_tag": str(uuid.uuid4()), "delivery_info": {"exchange": "", "routing_key": "net"}}}
                e.update(changes)
                return e

            def without(*path):
                e = envelope()
                part = e
                for name in path[:-1]:
                    part = part[name]
                del part[path[-1]]
                return e

            bad = [
                "not json", "[1, 2]", "null", "", b"\xff\xfe\x00",
                json.dumps(without("properties")), json.dumps(without("properties", "delivery_tag")), json.dumps(without("headers", "id")),
                json.dumps(without("properties", "delivery_info")), json.dumps(without("content-type")), json.dumps(without("headers")),
                json.dumps(envelope(body="[[1, 2], {}]")), json.dumps(envelope(body="not json")), json.dumps(envelope() | {"body": "%%%"}),
                # Pickle, and protocol 1, are refused and never read.
                json.dumps(envelope(body=b"\x80\x04K\x05.") | {"content-type": "application/x-python-serialize", "content-encoding": "binary"}),
                json.dumps(envelope(body='{"task": "tasks.add", "id": "v1", "args": [1, 2], "kwargs": {}}') | {"headers": {}}),
            ]
            for message in bad:
                server.lpush("net", message)
            result = [len(bad), send("tasks.add", 2, 3, queue="net").get(timeout=WAIT), server.llen("net"), server.hlen("unacked")]
            """);

        Assert.Equal("[16,5,0,0]", value);
        IBackend backend = await Fleet.GetBackendAsync();
        IReadOnlyList<DeadLetter> dead = await backend.Broker.GetDeadLettersAsync(100, Stop);
        Assert.Equal(16, dead.Count);
        Assert.Contains(dead, letter => letter.Reason.Contains("application/x-python-serialize", StringComparison.Ordinal));
        Assert.Contains(dead, letter => letter.Reason.Contains("rotocol 1", StringComparison.Ordinal) || letter.Reason.Contains("'task'", StringComparison.Ordinal));
    }

    [InteropFact]
    public async Task OddMessages_OfEssaim_HarmNoPythonWorker()
    {
        RunningProgram python = await Fleet.StartPythonWorkerAsync("py", "py@test");
        EnqueueOptions to = new() { Queue = "py" };
        Dictionary<string, object?> odd = new()
        {
            ["\u0000"] = "\ud83d\ude00 \u2028 \"\\",
            [""] = null,
            ["__type__"] = "unknown",
            ["n"] = long.MinValue,
            ["f"] = double.MaxValue,
            ["deep"] = Enumerable.Range(0, 60).Aggregate((object)"x", (inner, _) => new[] { inner }),
        };
        Dictionary<string, object?> headers = new() { ["task-like"] = new { a = 1 }, ["ünïcode"] = "é" };

        TaskHandle[] handles =
        [
            await Fleet.Client.SendAsync("tasks.echo", null, odd, to, Stop),
            await Fleet.Client.SendAsync("tasks.add", [1, 2], null, to with { Headers = headers, Shadow = "é\n", Compression = "gzip" }, Stop),
            await Fleet.Client.SendAsync("tasks.add", [1, 2], null, to with { TaskId = "an id with / and é", Priority = 9 }, Stop),
            await Fleet.Client.SendAsync("tasks.add", [1, 2], null, to with { Eta = DateTimeOffset.UnixEpoch, Expires = DateTimeOffset.MaxValue }, Stop),
            await Fleet.Client.SendAsync("tasks.note", [new string('é', 2_000_000)], null, to, Stop),
            await Fleet.Client.SendAsync("tasks.add", [1, 2], null, to, Stop),
        ];

        foreach (TaskHandle handle in handles)
            Assert.Equal("SUCCESS", (await handle.WaitAsync(TimeSpan.FromSeconds(20), Stop)).State.Name);
        Assert.False(python.HasExited, python.Log);
    }
}
