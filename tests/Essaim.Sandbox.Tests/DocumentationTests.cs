namespace Essaim.Sandbox.Tests;

public sealed class DocumentationTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Guide_FirstFunction_RunsAsWritten()
    {
        string guide = File.ReadAllText(Path.Combine(Tool.Sources, "../../docs/functions.md"));
        string source = guide.Split("```python\n")[1].Split("```")[0];

        Outcome outcome = await sandbox.Executor.RunAsync(
            Runs.Request(source, "beam.py") with { Texts = new Dictionary<string, string> { ["load"] = "1200", ["length"] = "2.5" } });

        Assert.Equal((EndReason.Ok, """{"moment": 3000.0}"""), (outcome.End.Reason, outcome.End.Result?.GetRawText()));
        Assert.Equal(new Artifact("deflection.csv", 12, "Deflection"), outcome.End.Artifacts[0]);
    }
}
