namespace Essaim.Sandbox.Tests;

public sealed class InputTests(SandboxFixture sandbox)
{
    private const string Beam = """
        from pathlib import Path
        from typing import Literal, Optional


        def main(load: float, length: float = 2.0, n: int = 3, name: str = "beam", fast: bool = False,
                 shape: Literal["I", "T"] = "I", masses: list[float] = [], mesh: Optional[Path] = None):
            return [load, length, n, name, fast, shape, masses, mesh.read_text() if mesh else None]
        """;

    [Fact]
    public async Task Texts_OfEveryKind_BecomeWhatTheSignatureSays()
    {
        string mesh = Path.GetTempFileName();
        File.WriteAllText(mesh, "nodes");
        RunRequest request = Runs.Request(Beam) with
        {
            Files = [new InputFile("mesh.inp", mesh)],
            Texts = new Dictionary<string, string>
            {
                ["load"] = "1e3",
                ["length"] = "2",
                ["n"] = "5",
                ["name"] = "17",
                ["fast"] = "yes",
                ["shape"] = "T",
                ["masses"] = "[1, 2.5]",
                ["mesh"] = "mesh.inp",
            },
        };

        Outcome outcome = await sandbox.Executor.RunAsync(request);

        File.Delete(mesh);
        Assert.Equal("""[1000.0, 2.0, 5, "17", true, "T", [1.0, 2.5], "nodes"]""", outcome.End.Result?.GetRawText());
    }

    [Fact]
    public async Task Inputs_WithTypes_AreTakenAsTheyAre()
    {
        RunRequest request = Runs.Request(Beam) with { Inputs = Runs.Inputs(("load", 2), ("masses", new[] { 1.5 }), ("name", "x")) };

        Outcome outcome = await sandbox.Executor.RunAsync(request);

        Assert.Equal("""[2.0, 2.0, 3, "x", false, "I", [1.5], null]""", outcome.End.Result?.GetRawText());
    }

    [Fact]
    public async Task Inputs_ThatDoNotFit_AreAllToldAndNothingRuns()
    {
        RunRequest request = Runs.Request("print('ran')\n" + Beam) with
        {
            Texts = new Dictionary<string, string> { ["length"] = "long", ["n"] = "1.5", ["fast"] = "maybe", ["shape"] = "X", ["masses"] = "[1, \"a\"]", ["mesh"] = "other.inp", ["lod"] = "1" },
        };

        Outcome outcome = await sandbox.Executor.RunAsync(request);

        Assert.Equal((EndReason.Error, ""), (outcome.End.Reason, outcome.Out));
        Assert.Equal(
            [
                "input 'load': is required: a number",
                "input 'length': \"long\" is not a number",
                "input 'n': 1.5 is not a whole number",
                "input 'fast': \"maybe\" is not true or false",
                "input 'shape': \"X\" is not one of \"I\", \"T\"",
                "input 'masses': \"a\" is not a number",
                "input 'mesh': there is no file \"other.inp\"; give it with --file",
                "input 'lod': is not an input; main() has: load, length, n, name, fast, shape, masses, mesh",
            ],
            outcome.End.Refused.Select(finding => finding.ToSentence("beam.py")));
    }

    [Fact]
    public async Task Inputs_OfAScript_AreInTheModule()
    {
        RunRequest request = Runs.Request("import essaim\nprint(essaim.inputs)") with { Texts = new Dictionary<string, string> { ["load"] = "1200", ["name"] = "a b" } };

        Outcome outcome = await sandbox.Executor.RunAsync(request);

        Assert.Equal("{'load': 1200, 'name': 'a b'}\n", outcome.Out);
    }

    [Theory]
    [InlineData("def main(a, /):\n    pass", "test.py:1: main() takes its inputs by name; remove the '/' from its signature")]
    [InlineData("def main(**rest):\n    return rest", null)]
    public async Task Signature_Unusual_IsTakenOrRefused(string source, string? refusal)
    {
        Outcome outcome = await sandbox.Executor.RunAsync(Runs.Request(source) with { Inputs = Runs.Inputs(("a", 1)) });

        Assert.Equal(refusal, outcome.End.Refused.SingleOrDefault()?.ToSentence("test.py"));
        Assert.Equal(refusal is null ? """{"a": 1}""" : null, outcome.End.Result?.GetRawText());
    }

    [Fact]
    public async Task Inputs_TooLarge_AreRefused()
    {
        RunRequest request = Runs.Request("") with { Inputs = Runs.Inputs(("a", new string('x', 1 << 20))) };

        SandboxException error = await Assert.ThrowsAsync<SandboxException>(() => sandbox.Executor.RunAsync(request));

        Assert.StartsWith("The inputs take 1048606 bytes; at most 1048576 are allowed.", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(sandbox.Executor.RunsFolder, request.Id)));
    }
}
