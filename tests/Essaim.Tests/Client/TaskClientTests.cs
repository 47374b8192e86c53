using Essaim.Protocol;
using Essaim.Testing;

namespace Essaim.Tests.Client;

public sealed class TaskClientTests
{
    [TaskName("mail.send")]
    [TaskOptions(Queue = "mail", Priority = 3)]
    public sealed record SendMail(string To, DateOnly Day) : ITaskArgs;

    public sealed class SendMailHandler : ITaskHandler<SendMail>
    {
        public Task HandleAsync(SendMail args, TaskContext context, CancellationToken stop) => Task.CompletedTask;
    }

    [Fact]
    public async Task Send_AllOptions_StandInTheMessage()
    {
        await using TaskTestHost host = new(_ => { });
        DateTimeOffset now = host.Time.GetUtcNow();
        EnqueueOptions options = new()
        {
            TaskId = "t",
            Queue = "q",
            Priority = 9,
            Eta = now.AddMinutes(1),
            ExpiresIn = TimeSpan.FromHours(1),
            SoftTimeLimit = TimeSpan.FromSeconds(5),
            HardTimeLimit = TimeSpan.FromSeconds(6),
            IgnoreResult = true,
            Shadow = "shown",
            Compression = "gzip",
            Headers = new Dictionary<string, object?> { ["tenant"] = "acme", ["n"] = 1, ["raw"] = RawJson.Parse("[1]") },
            Link = [TaskSignature.Of("next")],
            LinkError = [TaskSignature.Of("oops")],
        };

        await host.Client.SendAsync("x", [1, "é", null, new[] { 2 }], new Dictionary<string, object?> { ["k"] = true }, options, TestContext.Current.CancellationToken);

        EnqueuedTask sent = Assert.Single(host.Enqueued);
        TaskMessage message = sent.Message;
        Assert.Equal(("t", "x", "q", 9, "t", null), (message.Id, message.Task, message.RoutingKey, message.Priority, message.RootId, message.ParentId));
        Assert.Equal((now.AddMinutes(1), now.AddHours(1), now.AddMinutes(1)), (message.Eta, message.Expires, sent.NotBefore));
        Assert.Equal(new TimeLimits(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(5)), message.TimeLimits);
        Assert.Equal((true, "shown", "application/x-gzip"), (message.IgnoreResult, message.Shadow, message.Compression));
        Assert.Equal(("\"acme\"", "1", "[1]"), (message.Headers["tenant"].ToString(), message.Headers["n"].ToString(), message.Headers["raw"].ToString()));
        Assert.Equal("[1,\"é\",null,[2]]", sent.Body.Args.Deserialize<System.Text.Json.Nodes.JsonArray>()!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("""{"k":true}""", sent.Body.Kwargs.ToString());
        Assert.Equal(("next", "oops"), (Assert.Single(sent.Body.Embed.Callbacks).Task, Assert.Single(sent.Body.Embed.Errbacks).Task));
        Assert.Equal("(1, 'é', None, [2])", message.ArgsRepr);
    }

    [Fact]
    public async Task Send_Requires_GoesToADerivedQueueWithAHeader()
    {
        await using TaskTestHost host = new(services => services.AddTask("local", () => 1, task => (task.Queue, task.Requires) = ("scan", ["gpu", "arch=arm64"])));
        CancellationToken stop = TestContext.Current.CancellationToken;

        await host.Client.SendAsync("local", cancellationToken: stop);
        await host.Client.SendAsync("local", options: new EnqueueOptions { Requires = [] }, cancellationToken: stop);
        await host.Client.SendAsync("x", options: new EnqueueOptions { Queue = "q", Requires = ["site=attic"] }, cancellationToken: stop);
        await host.Client.ApplyAsync(global::Essaim.Canvas.Chain(TaskSignature.Of("x"), TaskSignature.Of("local")), cancellationToken: stop);

        Assert.Equal(["scan@arch=arm64,gpu", "scan", "q@site=attic", "celery"], host.Enqueued.Select(sent => sent.Message.RoutingKey));
        Assert.Equal("\"arch=arm64,gpu\"", host.Enqueued[0].Message.Headers["essaim-requires"].ToString());
    }

    [Fact]
    public async Task Send_Countdown_IsCountedFromTheClientsClock()
    {
        await using TaskTestHost host = new(_ => { });

        await host.Client.SendAsync("x", options: new EnqueueOptions { Countdown = TimeSpan.FromSeconds(90) }, cancellationToken: TestContext.Current.CancellationToken);
        await host.Client.SendAsync("x", options: new EnqueueOptions { Countdown = TimeSpan.Zero }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(host.Time.GetUtcNow() + TimeSpan.FromSeconds(90), host.Enqueued[0].NotBefore);
        Assert.Null(host.Enqueued[1].Message.Eta);
    }

    [Fact]
    public async Task Enqueue_Record_SendsKeywordsAndItsOptions()
    {
        await using TaskTestHost host = new(services => services.AddHandler<SendMailHandler>());

        TaskHandle handle = await host.Client.EnqueueAsync(new SendMail("ada", new DateOnly(2026, 1, 2)), cancellationToken: TestContext.Current.CancellationToken);

        EnqueuedTask sent = Assert.Single(host.Enqueued);
        Assert.Equal((handle.Id, "mail.send", "mail", 3), (sent.Id, sent.Name, sent.Queue, sent.Priority));
        Assert.Equal("""{"to":"ada","day":"2026-01-02"}""", sent.Body.Kwargs.ToString());
        Assert.Equal("[]", sent.Body.Args.ToString());
    }

    [Fact]
    public async Task Enqueue_RecordWithoutRegistry_StillKnowsItsAttribute()
    {
        InMemoryBackend backend = new(new FakeTimeProvider());
        await using TaskClient client = new(backend);

        TaskHandle handle = await client.EnqueueAsync(new SendMail("ada", new DateOnly(2026, 1, 2)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("mail", (await backend.Broker.FindAsync(handle.Id, TestContext.Current.CancellationToken))!.Queue);
    }

    [Fact]
    public async Task SendMany_PublishesInOneStep_InOrder()
    {
        await using TaskTestHost host = new(services => services.AddTask("add", (int x, int y) => x + y));

        IReadOnlyList<TaskHandle> handles = await host.Client.SendManyAsync(
            [.. Enumerable.Range(0, 50).Select(n => new TaskCall("add", [n, n]))], TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        Assert.Equal(50, handles.Select(handle => handle.Id).Distinct().Count());
        Assert.Equal(98, await handles[49].GetResultAsync<int>(cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task EnqueueMany_OfSeveralTypes_SendsThemAll()
    {
        await using TaskTestHost host = new(services => services.AddHandler<SendMailHandler>());

        IReadOnlyList<TaskHandle> handles = await host.Client.EnqueueManyAsync(
            [new SendMail("a", default), new SendMail("b", default)], new EnqueueOptions { Priority = 9 }, TestContext.Current.CancellationToken);

        Assert.Equal(2, handles.Count);
        Assert.All(host.Enqueued, task => Assert.Equal(9, task.Priority));
        Assert.Empty(await host.Client.EnqueueManyAsync([], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Queue_CallThenRouteThenTaskThenDefault_IsTheOrder()
    {
        TaskRegistry registry = new TaskRegistryBuilder()
            .AddTask("audio.analyse", () => 1, task => task.Queue = "by-task")
            .AddTask("audio.tag", () => 1, task => task.Queue = "by-task").Build();
        InMemoryBackend backend = new(new FakeTimeProvider());
        await using TaskClient client = new(
            backend, new TaskClientOptions { Registry = registry, Routes = new TaskRoutes().Add("audio.a*", "by-route"), DefaultQueue = "rest" });

        Assert.Equal("by-call", await QueueAsync("audio.analyse", new EnqueueOptions { Queue = "by-call" }));
        Assert.Equal("by-route", await QueueAsync("audio.analyse", null));
        Assert.Equal("by-task", await QueueAsync("audio.tag", null));
        Assert.Equal("rest", await QueueAsync("video.cut", null));

        async Task<string> QueueAsync(string name, EnqueueOptions? options)
        {
            TaskHandle handle = await client.SendAsync(name, options: options, cancellationToken: TestContext.Current.CancellationToken);
            return (await backend.Broker.FindAsync(handle.Id, TestContext.Current.CancellationToken))!.Queue;
        }
    }

    [Fact]
    public async Task Expired_BeforeItRuns_IsRevoked()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", () => 1));
        TaskHandle handle = await host.Client.SendAsync(
            "x", options: new EnqueueOptions { TaskId = "t", ExpiresIn = TimeSpan.FromSeconds(5) }, cancellationToken: TestContext.Current.CancellationToken);
        host.Time.Advance(TimeSpan.FromSeconds(6));
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        TaskRevokedException error = await Assert.ThrowsAsync<TaskRevokedException>(
            () => handle.GetResultAsync<int>(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("expired", error.Reason);
        Assert.Equal("Task 'x' (t) was expired before it could end. Send it again if it is still wanted.", error.Message);
    }

    [Theory]
    [InlineData("gzip", "application/x-gzip")]
    [InlineData("bzip2", "application/x-bz2")]
    [InlineData("brotli", "application/x-brotli")]
    public async Task Compression_ThereAndBack_ReachesTheHandler(string name, string mime)
    {
        await using TaskTestHost host = new(services => services.AddTask("length", (string text) => text.Length));

        TaskHandle handle = await host.Client.SendAsync(
            "length", [new string('x', 50_000)], options: new EnqueueOptions { Compression = name }, cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        Assert.Equal(mime, host.Enqueued[0].Message.Compression);
        Assert.InRange(host.Enqueued[0].Message.EncodedBody.Length, 1, 2_000);
        Assert.Equal(50_000, await handle.GetResultAsync<int>(cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task BackendCleanup_FromPythonsBeat_Sweeps()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", () => 1));
        TaskHandle handle = await host.Client.SendAsync("x", cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);
        host.Time.Advance(TimeSpan.FromDays(2));

        await host.Client.SendAsync("celery.backend_cleanup", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(1, await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken));

        Assert.Equal(TaskState.Pending, await handle.GetStateAsync(TestContext.Current.CancellationToken));
    }
}
