using Essaim.Protocol;
using Essaim.Testing;

namespace Essaim.Tests.Tasks;

public sealed class RestKeywordsTests
{
    [TaskName("mail.render")]
    public sealed record Render(string Template, [RestKeywords] IReadOnlyDictionary<string, RawJson> Values) : ITaskArgs<string>;

    public sealed class Handler : ITaskHandler<Render, string>
    {
        public Task<string> HandleAsync(Render args, TaskContext context, CancellationToken stop) =>
            Task.FromResult($"{args.Template} {string.Join(", ", args.Values.Select(value => $"{value.Key}={value.Value}"))}");
    }

    [Theory]
    [InlineData("[]", "{}", "{}")]
    [InlineData("[]", """{"b": [1.50, null], "A": "\u00e9", "kw": {}}""", """{"b":[1.50, null],"A":"\u00e9","kw":{}}""")]
    public async Task Delegate_WithRest_GetsTheKeywordsAsTheyCame(string args, string kwargs, string expected)
    {
        TaskRun run = await RunAsync("echo", args, kwargs);

        Assert.Equal(expected, run.Result.ToString());
    }

    [Fact]
    public async Task Delegate_WithRestAndNamed_BindsTheNamedFirst()
    {
        TaskRun run = await RunAsync("add", "[2]", """{"y": 3, "colour": "red"}""");

        Assert.Equal("5 colour", run.GetResult<string>());
    }

    [Fact]
    public async Task Rest_TakesNothingByPosition()
    {
        TaskRun run = await RunAsync("echo", "[1]", "{}");

        Assert.Equal(
            "Task 'echo' takes 0 arguments but 1 came by position. Its parameters are (any other keywords). Leave the superfluous ones out.",
            run.Error!.GetText());
    }

    [Fact]
    public async Task Record_WithRest_IsSentFlatAndPutTogetherAgain()
    {
        Dictionary<string, RawJson> values = new() { ["name"] = RawJson.From("Ada"), ["age"] = RawJson.From(36) };
        Signature signature = TaskSignature.Of(new Render("hello", values));

        await using TaskTestHost host = Host();
        TaskRun run = await host.RunAsync(signature, stop: TestContext.Current.CancellationToken);

        Assert.Equal("""{"template":"hello","name":"Ada","age":36}""", signature.Kwargs.ToString());
        Assert.Equal("""hello name="Ada", age=36""", run.GetResult<string>());
    }

    [Fact]
    public void Rest_OfAnotherTypeOrNotLast_IsRefusedAtStart()
    {
        TaskRegistryBuilder builder = new();
        builder.AddTask("a", ([RestKeywords] Dictionary<string, int> kw) => kw.Count);
        builder.AddTask("b", ([RestKeywords] IReadOnlyDictionary<string, RawJson> kw, int x) => kw.Count + x);

        TaskDefinitionException error = Assert.Throws<TaskDefinitionException>(() => builder.Build());

        Assert.Equal(
            "Task 'a' has [RestKeywords] on its parameter 'kw'. Put it on the last parameter, of type IReadOnlyDictionary<string, RawJson>." + Environment.NewLine
            + "Task 'b' has [RestKeywords] on its parameter 'kw'. Put it on the last parameter, of type IReadOnlyDictionary<string, RawJson>.",
            error.Message);
    }

    private static TaskTestHost Host() => new(services => services
        .AddHandler<Handler>()
        .AddTask("echo", ([RestKeywords] IReadOnlyDictionary<string, RawJson> kw) => kw)
        .AddTask("add", (int x, int y, [RestKeywords] IReadOnlyDictionary<string, RawJson> more) => $"{x + y} {string.Join(' ', more.Keys)}"));

    private static async Task<TaskRun> RunAsync(string name, string args, string kwargs)
    {
        await using TaskTestHost host = Host();
        Signature signature = new() { Task = name, Args = RawJson.Parse(args), Kwargs = RawJson.Parse(kwargs) };
        return await host.RunAsync(signature, stop: TestContext.Current.CancellationToken);
    }
}
