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

        Outcome outcome = await Executor.RunAsync(Runs.Request(script.Source, script.FileName) with { Limits = script.Limits });

        Assert.True(outcome.End.Reason == EndReason.Ok, $"{outcome.End.Message}\n{outcome.Log}");
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(script.Result), JsonSerializer.SerializeToNode(outcome.End.Result)),
            $"{outcome.End.Result} is not {script.Result}");
        Assert.Equal(
            script.Collected!.Order(StringComparer.Ordinal),
            outcome.End.Artifacts.Select(artifact => artifact.Path).Where(path => path != "result.json").Order(StringComparer.Ordinal));
    }
}

/// <summary>The suite in bubblewrap.</summary>
public sealed class OrdinaryTests(SandboxFixture sandbox) : OrdinarySuite
{
    internal override IHeldExecutor Executor { get; } = sandbox.Executor;
}
