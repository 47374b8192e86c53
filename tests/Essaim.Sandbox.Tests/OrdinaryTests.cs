using System.Text.Json;
using System.Text.Json.Nodes;

namespace Essaim.Sandbox.Tests;

/// <summary>Programs as engineers write them: none of them may notice the walls.</summary>
public class OrdinaryTests(SandboxFixture sandbox)
{
    public static IEnumerable<TheoryDataRow<string>> Scripts() => ScriptFile.Names("Ordinary");

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Run_OrdinaryProgram_ReturnsItsResult(string name)
    {
        ScriptFile script = ScriptFile.Read("Ordinary", name);
        RunRequest request = Runs.Request(script.Source, script.FileName) with { Limits = script.Limits };

        Outcome outcome = await Runs.LookAfterAsync(sandbox.Executor, await StartAsync(sandbox.Executor, request));

        Assert.True(outcome.End.Reason == EndReason.Ok, $"{outcome.End.Message}\n{outcome.Log}");
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(script.Result), JsonSerializer.SerializeToNode(outcome.End.Result)),
            $"{outcome.End.Result} is not {script.Result}");
        Assert.Equal(
            script.Collected!.Order(StringComparer.Ordinal),
            outcome.End.Artifacts.Select(artifact => artifact.Path).Where(path => path != "result.json").Order(StringComparer.Ordinal));
    }

    private protected virtual async Task<ISandboxRun> StartAsync(BubblewrapExecutor executor, RunRequest request) => await executor.StartAsync(request, TestContext.Current.CancellationToken);
}

/// <summary>The same programs, each in a sandbox that had waited for it.</summary>
public sealed class WarmOrdinaryTests(SandboxFixture sandbox) : OrdinaryTests(sandbox)
{
    private protected override Task<ISandboxRun> StartAsync(BubblewrapExecutor executor, RunRequest request) => executor.StartWarmAsync(request);
}
