using System.Text.Json.Nodes;
using Essaim.Protocol;
using Essaim.Testing;
using Essaim.Tests.Architecture;
using static Essaim.Tests.Canvas.MathTasks;

namespace Essaim.Tests.Canvas;

/// <summary>What is sent for a canvas equals what Celery 5.2 sent for it, ids aside.</summary>
public sealed class CanvasGoldenTests
{
    [Fact]
    public async Task Chain_IsSent_AsPythonSendsIt() =>
        await AssertSentAsync("chain", Essaim.Canvas.Chain(Add(1, 2), Mul(10), TaskSignature.Of("tasks.add", [5], options: new EnqueueOptions { Queue = "other" })));

    [Fact]
    public async Task Group_IsSent_AsPythonSendsIt() =>
        await AssertSentAsync("group", Essaim.Canvas.Group(Add(0, 0), Add(1, 1), Add(2, 2)));

    [Fact]
    public async Task Chord_IsSent_AsPythonSendsIt() =>
        await AssertSentAsync("chord", Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Sum()));

    [Fact]
    public async Task NestedCanvas_IsSent_AsPythonSendsIt() =>
        await AssertSentAsync("nested_canvas", Essaim.Canvas.Chain(Add(1, 1), Essaim.Canvas.Group(Add(2), Mul(3)), Sum()));

    [Fact]
    public async Task ChordWithErrback_IsSent_AsPythonSendsIt() =>
        await AssertSentAsync("chord_error", Essaim.Canvas.Chord([Add(1, 1), TaskSignature.Of("tasks.fail", ["bad"])], Sum().OnError(OnError())), count: 2);

    [Fact]
    public async Task ChordOfNestedGroupAndChain_IsSent_AsPythonSendsIt() => await AssertSentAsync(
        "chord_complex_header",
        Essaim.Canvas.Chord([Add(2, 2), Essaim.Canvas.Group(Add(1, 1)), Essaim.Canvas.Chain(Add(3, 3), Mul(2))], Sum()),
        count: 3);

    [Fact]
    public async Task LinkAndLinkError_AreSent_AsPythonSendsThem()
    {
        await using TaskTestHost host = Host();
        await host.Client.ApplyAsync(Add(2, 2).OnSuccess(Mul(3)).OnError(OnError()), cancellationToken: TestContext.Current.CancellationToken);
        await host.Client.ApplyAsync(
            Add(2, 2).OnSuccess(Mul(3, 3).AsImmutable()).OnSuccess(Add(1)), cancellationToken: TestContext.Current.CancellationToken);

        AssertEqual("link_link_error", host.Enqueued, 2);
    }

    [Fact]
    public async Task FailedChord_SendsErrbacksAndStoresChordError_AsPythonDoes()
    {
        await using TaskTestHost host = Host();
        TaskHandle body = (TaskHandle)await host.Client.ApplyAsync(
            Essaim.Canvas.Chord([Add(1, 1), TaskSignature.Of("tasks.fail", ["bad"], options: new EnqueueOptions { TaskId = "the-failed-part" })], Sum().OnError(OnError())),
            cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        ResultDocument stored = (await body.GetDocumentAsync(TestContext.Current.CancellationToken))!;
        ExceptionDocument error = ExceptionDocument.Decode(stored.Result);
        Assert.Equal("celery.exceptions", error.Module);
        Assert.Equal("ChordError", error.Type);
        Assert.Equal("Dependency the-failed-part raised InvalidOperationException('bad')", error.GetText());
        // The errback goes out within the broker's own step and is not recorded; it has run, though.
        JsonObject python = Capture("chord_error")["messages"]!.AsArray()[2]!.AsObject();
        Assert.Equal(python["headers"]!["parent_id"]!.GetValue<string>(), python["body"]![0]![0]!.GetValue<string>());
        IReadOnlyList<FeedEntry> feed = await host.Backend.Results.ReadCompletionsAsync(0, 100, TestContext.Current.CancellationToken);
        Completion errback = Assert.Single(feed, entry => entry.Completion.TaskName == "tasks.onerr").Completion;
        ResultDocument ran = (await host.Backend.Results.GetAsync(errback.TaskId, TestContext.Current.CancellationToken))!;
        Assert.Equal(body.Id, ran.Result.Deserialize<string>());
        Assert.Equal(body.Id, ran.ParentId);
    }

    private static async Task AssertSentAsync(string capture, Signature canvas, int? count = null)
    {
        await using TaskTestHost host = Host();
        await host.Client.ApplyAsync(canvas, cancellationToken: TestContext.Current.CancellationToken);

        AssertEqual(capture, host.Enqueued, count);
    }

    private static void AssertEqual(string capture, IReadOnlyList<EnqueuedTask> sent, int? count)
    {
        JsonArray messages = Capture(capture)["messages"]!.AsArray();
        IEnumerable<JsonObject> expected = messages.Take(count ?? messages.Count).Select(message => message!.AsObject());

        // Order within one publication means nothing for parts that run side by side; Python walks a chord's header in its own order.
        string[] theirs = [.. expected.Select(CanvasNormalForm.Of).Order(StringComparer.Ordinal)];
        string[] ours = [.. sent.Select(task => CanvasNormalForm.Of(AsCapture(task))).Order(StringComparer.Ordinal)];
        Assert.Equal(theirs, ours);
    }

    private static JsonObject AsCapture(EnqueuedTask task)
    {
        JsonObject envelope = JsonNode.Parse(MessageCodec.Encode(task.Message))!.AsObject();
        return new JsonObject
        {
            ["headers"] = envelope["headers"]!.DeepClone(),
            ["body"] = JsonNode.Parse(task.Body.Encode()),
            ["queue"] = task.Queue,
        };
    }

    private static JsonObject Capture(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/Essaim.Tests/Canvas/captures", name + ".json")))!.AsObject();
}
