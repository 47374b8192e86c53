namespace Essaim.Interop.Tests.Control;

/// <summary>What <c>celery inspect</c> asks, asked of an Essaim worker.</summary>
public sealed class InspectTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private const string Ask =
        """
        node = "net@test"
        ask = app.control.inspect(destination=[node], timeout=5)
        """;

    [InteropFact]
    public async Task Ping_OfAll_IsAnsweredByBothKinds() => Assert.Equal(
        """[["net@test",{"ok":"pong"}],["py@test",{"ok":"pong"}]]""",
        await mixed.Python.TextAsync("result = sorted([node, answer] for reply in app.control.ping(timeout=2) for node, answer in reply.items())"));

    [InteropFact]
    public async Task Ping_OfAnother_IsNotAnswered() => Assert.Equal(
        """["py@test"]""",
        await mixed.Python.TextAsync("result = [node for reply in app.control.ping(destination=['py@test'], timeout=1) for node in reply]"));

    [InteropTheory]
    [InlineData("glob", "net@*", """["net@test"]""")]
    [InlineData("glob", "*@test", """["net@test","py@test"]""")]
    [InlineData("pcre", "net@.+$", """["net@test"]""")]
    [InlineData("pcre", "et@", "[]")]
    public async Task Ping_ByPattern_IsAnsweredByThoseThatMatch(string matcher, string pattern, string expected) => Assert.Equal(
        expected,
        await mixed.Python.TextAsync(
            "result = sorted(node for reply in app.control.broadcast('ping', reply=True, timeout=1, pattern=pattern, matcher=matcher) for node in reply)",
            ("pattern", pattern), ("matcher", matcher)));

    [InteropFact]
    public async Task Stats_HasWhatMonitorsRead() => Assert.Equal(
        """[true,true,"str",true,2,true,true,"redis","0",true,true]""",
        await mixed.Python.TextAsync(
            Ask + """

            assert send("tasks.add", 1, 1, queue="net").get(timeout=WAIT) == 2
            stats = ask.stats()[node]
            broker = stats["broker"]
            result = [
                stats["total"]["tasks.add"] >= 1, stats["pid"] > 0, type(stats["clock"]).__name__, stats["uptime"] >= 0, stats["pool"]["max-concurrency"],
                isinstance(stats["pool"]["processes"], list), stats["prefetch_count"] >= 1, broker["transport"], broker["virtual_host"],
                broker["hostname"] == "127.0.0.1" and isinstance(broker["port"], int), "rusage" in stats,
            ]
            """));

    [InteropFact]
    public async Task Active_ShowsTheRunningTask() => Assert.Equal(
        """[[true,"tasks.sleep",[3],{},"tasks.sleep","net@test",true,"net",true],["(3,)","{}"]]""",
        await mixed.Python.TextAsync(
            Ask + """

            r = send("tasks.sleep", 3, queue="net")
            info = wait_for(lambda: [t for t in ask.active()[node] if t["id"] == r.id])[0]
            safe = [t for t in ask.active(safe=True)[node] if t["id"] == r.id][0]
            result = [
                [abs(info["time_start"] - time.time()) < 30, info["name"], info["args"], info["kwargs"], info["type"], info["hostname"],
                 info["worker_pid"] > 0, info["delivery_info"]["routing_key"], isinstance(info["acknowledged"], bool)],
                [safe["args"], safe["kwargs"]],
            ]
            """));

    [InteropFact]
    public async Task Reserved_ShowsWhatWaitsForASlot_AndQueryFindsIt() => Assert.Equal(
        """["active","ready","unknown ids are left out"]""",
        await mixed.Python.TextAsync(
            Ask + """

            running = [send("tasks.sleep", 3, queue="net") for _ in range(2)]
            wait_for(lambda: len([t for t in ask.active()[node] if t["id"] in [r.id for r in running]]) == 2)
            assert isinstance(ask.reserved()[node], list)
            found = ask.query_task(running[0].id, "nobody")[node]
            [r.get(timeout=WAIT) for r in running]
            assert list(found) == [running[0].id] and found[running[0].id][1]["name"] == "tasks.sleep"
            after = ask.query_task(running[0].id)[node]
            result = [found[running[0].id][0], after.get(running[0].id, ["ready"])[0], "unknown ids are left out"]
            """));

    [InteropFact]
    public async Task Scheduled_IsAList() =>
        Assert.Equal("true", await mixed.Python.TextAsync(Ask + "\nresult = isinstance(ask.scheduled()[node], list)"));

    [InteropFact]
    public async Task Registered_NamesTheTasks() => Assert.Equal(
        """["tasks.add","tasks.append","tasks.echo","tasks.fail","tasks.flaky","tasks.headers","tasks.mul","tasks.note","tasks.progress","tasks.sleep","tasks.total"]""",
        await mixed.Python.TextAsync(Ask + "\nresult = [name.split(' ')[0] for name in ask.registered()[node]]"));

    [InteropFact]
    public async Task ActiveQueues_HaveWhatMonitorsRead() => Assert.Equal(
        """[["net","net",true,false,false,null,false,"direct"]]""",
        await mixed.Python.TextAsync(
            Ask + """

            result = [[q["name"], q["routing_key"], q["durable"], q["exclusive"], q["no_ack"], q["alias"], q["auto_delete"], q["exchange"]["type"]]
                      for q in ask.active_queues()[node] if q["name"] == "net"]
            for q in ask.active_queues()[node]:
                q["queue_arguments"], q["binding_arguments"]
            """));

    [InteropFact]
    public async Task Conf_IsAnObject_WithoutSecrets() => Assert.Equal(
        """[true,false]""",
        await mixed.Python.TextAsync(Ask + "\nconf = ask.conf()[node]; result = [isinstance(conf, dict), 'password' in str(conf).lower()]"));

    [InteropFact]
    public async Task Report_IsText() =>
        Assert.Equal("true", await mixed.Python.TextAsync(Ask + "\nresult = isinstance(ask.report()[node]['ok'], str)"));

    [InteropFact]
    public async Task Clock_IsANumber_ThatGrows() => Assert.Equal(
        "true",
        await mixed.Python.TextAsync(Ask + "\nfirst = ask.clock()[node]['clock']; result = isinstance(first, int) and ask.clock()[node]['clock'] > first"));

    [InteropFact]
    public async Task Revoked_NamesTheIds() => Assert.Equal(
        "true",
        await mixed.Python.TextAsync(
            Ask + """

            app.control.revoke("never-sent", destination=[node], reply=True, timeout=5)
            result = "never-sent" in ask.revoked()[node]
            """));

    [InteropFact]
    public async Task Hello_IsAnsweredWithClockAndRevoked() => Assert.Equal(
        "[true,true]",
        await mixed.Python.TextAsync(
            Ask + "\nhello = ask.hello('other@test', {'from-another': [12.5, 'from-another']})[node]; result = [isinstance(hello['clock'], int), isinstance(hello['revoked'], dict)]"));

    [InteropFact]
    public async Task Unknown_IsAnsweredWithAnError() => Assert.Equal(
        "\"KeyError('nonsense')\"",
        await mixed.Python.TextAsync(
            "result = app.control.broadcast('nonsense', reply=True, destination=['net@test'], timeout=5, limit=1)[0]['net@test']['error']"));

    [InteropFact]
    public async Task CommandLine_OfCelery_ShowsBothNodes()
    {
        string output = await mixed.Fleet.RunCeleryAsync("inspect", "ping", "--timeout", "3");

        Assert.Contains("->  net@test: OK", output, StringComparison.Ordinal);
        Assert.Contains("->  py@test: OK", output, StringComparison.Ordinal);
        Assert.Contains("2 nodes online.", output, StringComparison.Ordinal);
    }
}
