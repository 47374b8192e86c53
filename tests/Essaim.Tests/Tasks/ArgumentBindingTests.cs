using System.Text.Json.Serialization;
using Essaim.Protocol;
using Essaim.Testing;

namespace Essaim.Tests.Tasks;

public sealed class ArgumentBindingTests
{
    private const string Parameters = "Its parameters are (track_id: Int32; locale: String, optional; tags: String[], optional).";

    [TaskName("music.tag")]
    public sealed record TagTrack(int TrackId, string Locale = "en", string[]? Tags = null) : ITaskArgs<string>;

    [TaskName("music.scan")]
    public sealed record Scan : ITaskArgs<string>
    {
        public required string Folder { get; init; }

        public int Depth { get; init; } = 7;

        [JsonPropertyName("follow-links")]
        public bool FollowLinks { get; init; }
    }

    public sealed class Handler : ITaskHandler<TagTrack, string>, ITaskHandler<Scan, string>
    {
        public Task<string> HandleAsync(TagTrack args, TaskContext context, CancellationToken stop) =>
            Task.FromResult($"{args.TrackId} {args.Locale} {string.Join('+', args.Tags ?? [])}");

        public Task<string> HandleAsync(Scan args, TaskContext context, CancellationToken stop) =>
            Task.FromResult($"{args.Folder} {args.Depth} {args.FollowLinks}");
    }

    [Theory]
    [InlineData("""[7]""", """{}""", "7 en ")]
    [InlineData("""[7, "fr"]""", """{}""", "7 fr ")]
    [InlineData("""[7]""", """{"locale": "fr"}""", "7 fr ")]
    [InlineData("""[]""", """{"track_id": 7, "tags": ["a", "b"]}""", "7 en a+b")]
    [InlineData("""[]""", """{"trackId": 7}""", "7 en ")]
    [InlineData("""[]""", """{"TrackId": 7, "TAGS": null}""", "7 en ")]
    [InlineData("""[]""", """{"track\u005fid": 7}""", "7 en ")]
    public async Task Record_ByPositionAndKeyword_IsBound(string args, string kwargs, string expected) =>
        Assert.Equal(expected, (await RunAsync("music.tag", args, kwargs)).GetResult<string>());

    [Fact]
    public async Task Record_WithProperties_KeepsTheirInitialValues() =>
        Assert.Equal("/music 7 False", (await RunAsync("music.scan", "[]", """{"folder": "/music"}""")).GetResult<string>());

    [Fact]
    public async Task Record_WithNamedProperty_IsBoundByThatName() =>
        Assert.Equal("/music 2 True", (await RunAsync("music.scan", "[]", """{"folder": "/music", "depth": 2, "follow-links": true}""")).GetResult<string>());

    [Theory]
    [InlineData(
        """["x"]""", """{}""",
        "Task 'music.tag' takes a Int32 as its argument 'track_id', but the text \"x\" came. " + Parameters + " Send a value of that type.")]
    [InlineData(
        """[1.5]""", """{}""",
        "Task 'music.tag' takes a Int32 as its argument 'track_id', but the number 1.5 came. " + Parameters + " Send a value of that type.")]
    [InlineData(
        """[null]""", """{}""",
        "Task 'music.tag' takes a Int32 as its argument 'track_id', but null came. " + Parameters + " Send a value of that type.")]
    [InlineData(
        """[1, null]""", """{}""",
        "Task 'music.tag' takes a String as its argument 'locale', but null came. " + Parameters + " Send a value of that type.")]
    [InlineData(
        """[1]""", """{"tags": {"a": 1}}""",
        "Task 'music.tag' takes a String[] as its argument 'tags', but the object {\"a\": 1} came. " + Parameters + " Send a value of that type.")]
    [InlineData(
        """[]""", """{}""",
        "Task 'music.tag' needs its argument 'track_id', but 0 by position and no keywords came. " + Parameters + " Send 'track_id', too.")]
    [InlineData(
        """[]""", """{"locale": "fr", "tags": []}""",
        "Task 'music.tag' needs its argument 'track_id', but 0 by position and the keywords 'locale', 'tags' came. " + Parameters + " Send 'track_id', too.")]
    [InlineData(
        """[1, "fr", [], 4]""", """{}""",
        "Task 'music.tag' takes 3 arguments but 4 came by position. " + Parameters + " Leave the superfluous ones out.")]
    [InlineData(
        """[1]""", """{"colour": 1}""",
        "Task 'music.tag' has no parameter 'colour'. " + Parameters + " Leave 'colour' out or correct its name.")]
    [InlineData(
        """[1]""", """{"track_id": 1}""",
        "Task 'music.tag' was given its argument 'track_id' twice. " + Parameters + " Give it once, by position or by keyword.")]
    [InlineData(
        """[]""", """{"track_id": 1, "trackId": 1}""",
        "Task 'music.tag' was given its argument 'track_id' twice. " + Parameters + " Give it once, by position or by keyword.")]
    public async Task WrongArguments_FailAsTypeError_AndSayWhatCame(string args, string kwargs, string expected)
    {
        TaskRun run = await RunAsync("music.tag", args, kwargs);

        Assert.Equal(TaskState.Failure, run.State);
        Assert.Equal(ExceptionDocument.Of("TypeError", expected, "builtins"), run.Error);
    }

    [Fact]
    public async Task WrongArguments_AreNotRetried()
    {
        await using TaskTestHost host = new(services => services.AddTask("tasks.one", (int x) => x, task => task.RetryPolicy = new RetryPolicy()));

        Assert.Equal(TaskState.Failure, (await host.RunAsync("tasks.one", ["x"], stop: TestContext.Current.CancellationToken)).State);
    }

    [Fact]
    public async Task Delegate_WithoutParameters_SaysSo()
    {
        await using TaskTestHost host = new(services => services.AddTask("tasks.none", () => 1));

        TaskRun run = await host.RunAsync("tasks.none", [1], stop: TestContext.Current.CancellationToken);

        Assert.Equal("Task 'tasks.none' takes 0 arguments but 1 came by position. It has no parameters. Leave the superfluous ones out.", run.Error!.GetText());
    }

    [Fact]
    public async Task LongValue_IsCutInTheError()
    {
        TaskRun run = await RunAsync("music.tag", $"[\"{new string('x', 500)}\"]", "{}");

        Assert.Contains($"but the text \"{new string('x', 79)}… came.", run.Error!.GetText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TypedValuesOfPython_AreRead()
    {
        await using TaskTestHost host = new(services => services.AddTask(
            "tasks.typed", (Guid id, DateTimeOffset at, decimal price) => $"{id} {at:u} {price}"));
        RawJson id = RawJson.Parse("""{"__type__": "uuid", "__value__": {"hex": "0123456789abcdef0123456789abcdef"}}""");
        RawJson at = RawJson.Parse("""{"__type__": "datetime", "__value__": "2026-01-02T03:04:05+00:00"}""");

        TaskRun run = await host.RunAsync("tasks.typed", [id, at, "1.50"], stop: TestContext.Current.CancellationToken);

        Assert.Equal("01234567-89ab-cdef-0123-456789abcdef 2026-01-02 03:04:05Z 1.50", run.GetResult<string>());
    }

    private static async Task<TaskRun> RunAsync(string name, string args, string kwargs)
    {
        await using TaskTestHost host = new(services => services.AddHandler<Handler>());
        Signature signature = new() { Task = name, Args = RawJson.Parse(args), Kwargs = RawJson.Parse(kwargs) };
        return await host.RunAsync(signature, stop: TestContext.Current.CancellationToken);
    }
}
