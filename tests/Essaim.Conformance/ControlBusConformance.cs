using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Remote control between callers and nodes.</summary>
public abstract class ControlBusConformance : BackendConformance
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _serving = [];

    private IControlBus Control => Backend.Control;

    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (Task serving in _serving)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving.WaitAsync(Patience));
        _end.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Call_NamedNodes_ReturnsAsSoonAsAllAnswered()
    {
        Serve("a", _ => Ok("a"));
        Serve("b", _ => Ok("b"));
        Serve("c", _ => Ok("c"));

        IReadOnlyList<ControlReply> replies = await CallAsync(new ControlRequest("ping", RawJson.EmptyObject, ["c", "a"]), TimeSpan.FromHours(1));

        Assert.Equal([new("a", Ok("a")!.Value), new("c", Ok("c")!.Value)], replies.Select(reply => reply with { Clock = null }).OrderBy(reply => reply.Node));
    }

    [Fact]
    public async Task Call_EveryNode_GathersUntilTheTimeIsUp()
    {
        Serve("a", _ => Ok("a"));
        Serve("b", _ => Ok("b"));
        Serve("silent", _ => null);

        ValueTask<IReadOnlyList<ControlReply>> gathering = Control.CallAsync(new ControlRequest("ping", RawJson.EmptyObject), TimeSpan.FromSeconds(1), Stop);
        // A node answers one request after the other: with this one answered, so is the first.
        await CallAsync(new ControlRequest("ping", RawJson.EmptyObject, ["a", "b"]), TimeSpan.FromHours(1));
        IReadOnlyList<ControlReply> replies = await AdvanceUntilDoneAsync(gathering);

        Assert.Equal(["a", "b"], replies.Select(reply => reply.Node).Order());
    }

    [Fact]
    public async Task Call_NobodyServes_IsEmptyAfterTheTime()
    {
        Assert.Empty(await AdvanceUntilDoneAsync(Control.CallAsync(new ControlRequest("ping", RawJson.EmptyObject, ["nobody"]), TimeSpan.FromSeconds(1), Stop)));
    }

    [Fact]
    public async Task Call_Request_ArrivesAsSent()
    {
        TaskCompletionSource<ControlRequest> arrived = new();
        Serve("a", request =>
        {
            arrived.SetResult(request);
            return Ok("a");
        });

        await CallAsync(new ControlRequest("rate_limit", RawJson.Parse("""{"task_name": "t", "rate_limit": "1/m"}"""), ["a"]), TimeSpan.FromHours(1));

        ControlRequest request = await arrived.Task.WaitAsync(Patience, Stop);
        Assert.Equal("rate_limit", request.Method);
        Assert.Equal(RawJson.Parse("""{"task_name": "t", "rate_limit": "1/m"}"""), request.Arguments);
        Assert.Equal(["a"], request.Destination);
    }

    [Fact]
    public async Task Call_HandlerThrows_AnswersItsErrorAndGoesOnServing()
    {
        Serve("a", request => request.Method == "bad" ? throw new InvalidOperationException("No such method.") : Ok("a"));

        ControlReply bad = Assert.Single(await CallAsync(new ControlRequest("bad", RawJson.EmptyObject, ["a"]), TimeSpan.FromHours(1)));
        ControlReply good = Assert.Single(await CallAsync(new ControlRequest("ping", RawJson.EmptyObject, ["a"]), TimeSpan.FromHours(1)));

        Assert.Equal("""{"error":"No such method."}""", bad.Value.ToString());
        Assert.Equal(Ok("a"), good.Value);
    }

    [Fact]
    public async Task Cast_NamedNode_ReachesOnlyIt()
    {
        TaskCompletionSource reached = new();
        List<string> got = [];
        foreach (string node in new[] { "a", "b" })
        {
            Serve(node, request =>
            {
                lock (got)
                    got.Add($"{node} {request.Method}");
                if (request.Method == "last")
                    reached.TrySetResult();
                return null;
            });
        }

        await Control.CastAsync(new ControlRequest("revoke", RawJson.EmptyObject, ["b"]), Stop);
        await Control.CastAsync(new ControlRequest("last", RawJson.EmptyObject, ["b"]), Stop);

        await reached.Task.WaitAsync(Patience, Stop);
        Assert.Equal(["b revoke", "b last"], got);
    }

    [Fact]
    public async Task Serve_Later_DoesNotSeeOldRequests()
    {
        await Control.CastAsync(new ControlRequest("shutdown", RawJson.EmptyObject), Stop);
        List<string> got = [];
        Serve("a", request =>
        {
            got.Add(request.Method);
            return Ok("a");
        });

        await CallAsync(new ControlRequest("ping", RawJson.EmptyObject, ["a"]), TimeSpan.FromHours(1));

        Assert.Equal(["ping"], got);
    }

    private static RawJson? Ok(string node) => RawJson.From(new Dictionary<string, string> { ["ok"] = node });

    private void Serve(string node, Func<ControlRequest, RawJson?> answer) =>
        _serving.Add(Control.ServeAsync(node, (request, _) => new(answer(request)), _end.Token));

    private async Task<IReadOnlyList<ControlReply>> CallAsync(ControlRequest request, TimeSpan timeout) =>
        await Control.CallAsync(request, timeout, Stop).AsTask().WaitAsync(Patience, Stop);

    // The clock moves in small steps with real work between them, so that replies on their way are not overtaken by the timeout.
    private async Task<IReadOnlyList<ControlReply>> AdvanceUntilDoneAsync(ValueTask<IReadOnlyList<ControlReply>> calling)
    {
        Task<IReadOnlyList<ControlReply>> call = calling.AsTask();
        for (int i = 0; i < 10_000 && !call.IsCompleted; i++)
        {
            await Backend.CheckAsync(Stop);
            Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        return await call.WaitAsync(Patience, Stop);
    }
}
