using System.Text;
using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Chords: each part counted once, the body released by the last, failures passed on, outer chords too.</summary>
public abstract class ChordConformance : BackendConformance
{
    [Fact]
    public async Task Chord_AllPartsSucceeded_BodyIsPublishedWithResultsInOrder()
    {
        ChordBody body = Body("body");
        await StartAsync("g", 3);

        await EndAsync(Part("g", "p2", 2, body));
        await EndAsync(Part("g", "p0", 0, body));
        Assert.Empty(await ClaimAllAsync(queue: "bodies"));
        await EndAsync(Part("g", "p1", 1, body));

        Assert.Equal("[0,1,2]", await ClaimResultsAsync());
        Assert.Empty(await ClaimAllAsync(queue: "bodies"));
    }

    [Fact]
    public async Task Chord_PartWithoutIndex_ComesLast()
    {
        ChordBody body = Body("body");
        await StartAsync("g", 3);

        await EndAsync(Part("g", "p9", null, body, 9), Part("g", "p1", 1, body), Part("g", "p0", 0, body));

        Assert.Equal("[0,1,9]", await ClaimResultsAsync());
    }

    [Fact]
    public async Task Chord_PartEndsTwice_IsCountedOnce()
    {
        ChordBody body = Body("body");
        await StartAsync("g", 2);

        await EndAsync(Part("g", "p0", 0, body));
        await EndAsync(Part("g", "p0", 0, body));
        Assert.Empty(await ClaimAllAsync(queue: "bodies"));
        await EndAsync(Part("g", "p1", 1, body), Part("g", "p1", 1, body));
        await EndAsync(Part("g", "p1", 1, body));

        Assert.Single(await ClaimAllAsync(queue: "bodies"));
    }

    [Fact]
    public async Task Chord_PartsEndAtOnce_BodyIsReleasedOnce()
    {
        ChordBody body = Body("body");
        await StartAsync("g", 20);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => EndAsync(Part("g", $"p{i}", i, body)), Stop)));

        Assert.Equal($"[{string.Join(',', Enumerable.Range(0, 20))}]", await ClaimResultsAsync());
    }

    [Fact]
    public async Task Chord_StaleSettlement_CountsNothing()
    {
        ChordBody body = Body("body");
        await StartAsync("g", 1);
        await PublishAsync();
        Delivery lost = await ClaimOneAsync();
        Time.Advance(TimeSpan.FromSeconds(31));

        await SettleAsync(new Settlement { Lease = lost.Lease, Action = SettleAction.Complete, ChordParts = [Part("g", "p0", 0, body)] });

        Assert.Empty(await ClaimAllAsync(queue: "bodies"));
    }

    [Fact]
    public async Task Chord_APartFailed_BodyFailsAndItsErrbacksAreSent()
    {
        ChordBody body = Body("body") with { OnError = Outgoing.Of(Message("errbacks", "errback")), AlsoFails = ["after-body"] };
        await StartAsync("g", 2);

        await EndAsync(Failed("g", "p0", 0, body));
        Assert.Null(await Backend.Results.GetAsync("body", Stop));
        await EndAsync(Part("g", "p1", 1, body));

        Assert.Equal(TaskState.Failure, (await Backend.Results.GetAsync("body", Stop))!.State);
        Assert.Equal(TaskState.Failure, (await Backend.Results.GetAsync("after-body", Stop))!.State);
        Assert.Equal("errback", (await ClaimOneAsync("errbacks")).TaskId);
        Assert.Empty(await ClaimAllAsync(queue: "bodies"));
        Assert.Contains(await Backend.Results.ReadCompletionsAsync(0, 10, Stop), entry => entry.Completion.TaskId == "body");
    }

    [Fact]
    public async Task Chord_BodyOfAnOuterPart_FailsTheOuterChordInTheSameStep()
    {
        ChordBody outermost = Body("outermost");
        ChordBody outer = Body("outer") with { OuterPart = Part("g0", "outer", 0, outermost) };
        ChordBody inner = Body("inner") with { OuterPart = Part("g1", "inner", 0, outer) };
        await StartAsync("g0", 1);
        await StartAsync("g1", 1);
        await StartAsync("g2", 1);

        await EndAsync(Failed("g2", "p0", 0, inner));

        foreach (string taskId in new[] { "inner", "outer", "outermost" })
            Assert.Equal(TaskState.Failure, (await Backend.Results.GetAsync(taskId, Stop))!.State);
    }

    [Fact]
    public async Task Chord_PartFailedWithoutAnExceptionDocument_BodyFailsAllTheSame()
    {
        ChordBody body = Body("body");
        await StartAsync("g", 1);

        await EndAsync(Part("g", "p0", 0, body) with { State = TaskState.Failure, Result = RawJson.Parse("17") });

        Assert.Equal(TaskState.Failure, (await Backend.Results.GetAsync("body", Stop))!.State);
    }

    [Fact]
    public async Task Publish_ChordStart_SavesItsGroup()
    {
        RawJson structure = RawJson.Parse("""{"result": [["g", null], []]}""");

        await Broker.PublishAsync(new Outgoing([], [new ChordStart("g", 2, structure)]), Stop);

        Assert.Equal(structure, await Backend.Results.GetGroupAsync("g", Stop));
    }

    private static ChordPart Part(string groupId, string taskId, int? index, ChordBody body, int? value = null) => new()
    {
        GroupId = groupId,
        TaskId = taskId,
        Index = index,
        State = TaskState.Success,
        Result = RawJson.From(value ?? index ?? 0),
        Body = body,
    };

    private static ChordPart Failed(string groupId, string taskId, int index, ChordBody body) =>
        Part(groupId, taskId, index, body) with { State = TaskState.Failure, Result = ExceptionDocument.Of("ValueError", "no", "builtins").Encode() };

    // The envelope is then the base64 text of the list of results alone.
    private ChordBody Body(string taskId) => new()
    {
        Template = new MessageTemplate(default, "["u8.ToArray(), "]"u8.ToArray(), default),
        Message = Message("bodies", taskId),
    };

    private async Task StartAsync(string groupId, int size) => await Broker.PublishAsync(new Outgoing([], [new ChordStart(groupId, size)]), Stop);

    private async Task EndAsync(params ChordPart[] parts)
    {
        string taskId = NewTaskId();
        await PublishAsync($"parts-{taskId}", taskId);
        Delivery delivery = await ClaimOneAsync($"parts-{taskId}");
        Settlement settlement = new() { Lease = delivery.Lease, Action = SettleAction.Complete, ChordParts = parts };
        Assert.Equal(SettleOutcome.Settled, await SettleAsync(settlement));
    }

    private async Task<string> ClaimResultsAsync() =>
        Encoding.UTF8.GetString(Convert.FromBase64String(Encoding.UTF8.GetString((await ClaimOneAsync("bodies")).Envelope.Span)));
}
