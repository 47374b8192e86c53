using System.Text.Json;
using System.Text.Json.Nodes;

namespace Essaim.Sandbox.Tests;

/// <summary>Programs as engineers write them: none of them may notice the walls.</summary>
public abstract class OrdinarySuite
{
    internal abstract IHeldExecutor Executor { get; }

    public static IEnumerable<TheoryDataRow<string>> Scripts() => ScriptFile.Names("Ordinary");

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Run_OrdinaryProgram_ReturnsItsResult(string name)
    {
        ScriptFile script = ScriptFile.Read("Ordinary", name);
        RunRequest request = Runs.Request(script.Source, script.FileName) with { Limits = script.Limits };

        Outcome outcome = await Runs.LookAfterAsync(Executor, await StartAsync(request));

        Assert.True(outcome.End.Reason == EndReason.Ok, $"{outcome.End.Message}\n{outcome.Log}");
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(script.Result), JsonSerializer.SerializeToNode(outcome.End.Result)),
            $"{outcome.End.Result} is not {script.Result}");
        Assert.Equal(
            script.Collected!.Order(StringComparer.Ordinal),
            outcome.End.Artifacts.Select(artifact => artifact.Path).Where(path => path != "result.json").Order(StringComparer.Ordinal));
    }

    private protected virtual async Task<ISandboxRun> StartAsync(RunRequest request) => await Executor.StartAsync(request, TestContext.Current.CancellationToken);
}

/// <summary>The same programs, each in a sandbox that had waited for it.</summary>
public sealed class WarmOrdinaryTests(SandboxFixture sandbox) : OrdinarySuite
{
    private readonly BubblewrapExecutor _executor = sandbox.Executor;

    internal override IHeldExecutor Executor => _executor;

    private protected override Task<ISandboxRun> StartAsync(RunRequest request) => _executor.StartWarmAsync(request);
}

/// <summary>The suite in bubblewrap.</summary>
public sealed class OrdinaryTests(SandboxFixture sandbox) : OrdinarySuite
{
    internal override IHeldExecutor Executor { get; } = sandbox.Executor;
}
