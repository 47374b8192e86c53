using System.Text.Json.Nodes;

namespace Essaim.Interop.Tests.Calls;

/// <summary>Plain calls, both ways.</summary>
public sealed class CallTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private const string Odd = "naïve 日本 😀 \"quoted\" \\ \u0001 \u2028";
    private static readonly EnqueueOptions ToPython = new() { Queue = "py" };
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    [InteropFact]
    public async Task Python_CallsEssaim_ByPosition() =>
        Assert.Equal("5", await mixed.Python.TextAsync("result = send('tasks.add', 2, 3, queue='net').get(timeout=WAIT)"));

    [InteropFact]
    public async Task Python_CallsEssaim_ByKeyword() =>
        Assert.Equal("8", await mixed.Python.TextAsync("result = send('tasks.add', queue='net', kwargs={'x': 5, 'y': 3}).get(timeout=WAIT)"));

    [InteropFact]
    public async Task Python_SendsAnyValue_AndEssaimGivesItBackUnchanged() => Assert.Equal(
        "true",
        await mixed.Python.TextAsync(
            """
            kw = {"text": odd, odd: 1, "big": 10**40, "small": -1.5e-300, "none": None, "deep": [[[{"a": [True, False]}]]], "empty": {}, "kw": []}
            result = send("tasks.echo", queue="net", kwargs=kw).get(timeout=WAIT) == kw
            """,
            ("odd", Odd)));

    [InteropFact]
    public async Task Python_SendsWrongArguments_AndGetsATypeError() => Assert.Equal(
        """["TypeError",["Task 'tasks.add' needs its argument 'y', but 1 by position and no keywords came. Its parameters are (x: Int64; y: Int64). Send 'y', too."]]""",
        await mixed.Python.TextAsync("error = raised(app.send_task('tasks.add', args=[1], queue='net')); result = [type(error).__name__, error.args]"));

    [InteropFact]
    public async Task Essaim_CallsPython_ByPosition() =>
        Assert.Equal(5, await mixed.Client.CallAsync<long>("tasks.add", [2, 3], ToPython, TestContext.Current.CancellationToken));

    [InteropFact]
    public async Task Essaim_CallsPython_ByKeywordAndUnicode()
    {
        Dictionary<string, object?> kwargs = new() { ["text"] = Odd, ["clé"] = new[] { 1.5, -2 }, ["none"] = null, ["deep"] = new { a = new { b = true } } };

        TaskHandle handle = await mixed.Client.SendAsync("tasks.echo", null, kwargs, ToPython, TestContext.Current.CancellationToken);

        JsonObject back = await handle.GetResultAsync<JsonObject>(Wait, TestContext.Current.CancellationToken);
        Assert.Equal(Odd, back["text"]!.GetValue<string>());
        Assert.Equal("""{"clé":[1.5,-2],"deep":{"a":{"b":true}},"none":null}""", PythonClient.Plain(new JsonObject(back
            .Where(pair => pair.Key != "text").OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())))));
    }

    [InteropFact]
    public async Task Essaim_CallsPythonWithWrongArguments_AndGetsATypeError()
    {
        TaskHandle handle = await mixed.Client.SendAsync("tasks.add", [1], null, ToPython, TestContext.Current.CancellationToken);

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => handle.GetResultAsync<long>(Wait, TestContext.Current.CancellationToken));

        Assert.Equal("TypeError(\"add() missing 1 required positional argument: 'y'\")", error.Error.ToRepr());
    }

    [InteropFact]
    public async Task Python_CallsATaskNobodyHas_AndEssaimSaysNotRegistered() => Assert.Equal(
        """["NotRegistered","tasks.nobody","FAILURE"]""",
        await mixed.Python.TextAsync(
            "r = send('tasks.nobody', queue='net'); error = raised(r); result = [type(error).__name__, error.args[0], r.status]"));

    [InteropFact]
    public async Task Essaim_CallsATaskNobodyHas_AndPythonSaysNotRegistered()
    {
        TaskHandle handle = await mixed.Client.SendAsync("tasks.nobody", options: ToPython, cancellationToken: TestContext.Current.CancellationToken);

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => handle.GetResultAsync<long>(Wait, TestContext.Current.CancellationToken));

        Assert.Equal($"Task {handle.Id} failed with celery.exceptions.NotRegistered: tasks.nobody Its stack trace is in Traceback.", error.Message);
    }

    [InteropFact]
    public async Task Sample_SendsFromItsCommandLine_ToBothKinds()
    {
        Assert.Equal("5", await mixed.Fleet.RunSampleAsync("call", "tasks.add", "2", "3", "--queue", "py", "--timeout", "20"));
        Assert.Equal("""{"who":"Ada","n":[1,2]}""", await mixed.Fleet.RunSampleAsync("call", "tasks.echo", "who=Ada", "n=[1,2]", "-q", "net", "--timeout", "20"));
    }
}
