namespace Essaim.Sandbox.Tests;

public sealed class CheckTests(SandboxFixture sandbox)
{
    [Theory]
    [InlineData("def main(:\n    pass", "test.py:1:10: invalid syntax")]
    [InlineData("x = 1\n  y = 2", "test.py:2:2: unexpected indent")]
    [InlineData("x = '\0'", "test.py: source code string cannot contain null bytes")]
    [InlineData("import numpyy", "test.py:1:1: the package 'numpyy' is not in this environment")]
    [InlineData("import os\nfrom pandas_missing.io import read", "test.py:2:1: the package 'pandas_missing' is not in this environment")]
    public async Task File_ThatCannotRun_IsRefusedWithItsPlace(string source, string sentence)
    {
        Outcome outcome = await sandbox.Executor.RunAsync(source);

        Assert.Equal(EndReason.Error, outcome.End.Reason);
        Assert.Equal(sentence, Assert.Single(outcome.End.Refused).ToSentence("test.py"));
    }

    [Fact]
    public async Task File_OfManyOperators_IsRefusedNotFatal()
    {
        Outcome outcome = await sandbox.Executor.RunAsync("x = " + new string('-', 200_000) + "1");

        Assert.Equal("test.py: it is nested too deeply to be read", Assert.Single(outcome.End.Refused).ToSentence("test.py"));
    }

    [Fact]
    public async Task Imports_ThatMayBeMissing_AreNotedAndItRuns()
    {
        Outcome outcome = await sandbox.Executor.RunAsync("try:\n    import numba_missing\nexcept ImportError:\n    print('without')\nimport socket");

        Assert.Equal((EndReason.Ok, "without\n"), (outcome.End.Reason, outcome.Out));
        Assert.Equal(
            ["the package 'numba_missing' is not in this environment", "'socket' is here, but the sandbox has no network"],
            outcome.Outputs.OfType<RunAdvice>().Single().Findings.Select(finding => finding.Message));
    }

    [Fact]
    public async Task Imports_WithoutChecks_AreTheProgramsOwnMatter()
    {
        Outcome outcome = await sandbox.Executor.RunAsync(Runs.Request("print('ran')\nimport numpyy") with { Checks = false });

        Assert.Equal(("ran\n", "ModuleNotFoundError"), (outcome.Out, outcome.End.Error?.Type));
    }

    [Fact]
    public async Task Look_Only_TellsTheInputsAndRunsNothing()
    {
        const string source = """
            from pathlib import Path
            from typing import Literal, Optional
            print("ran")


            def main(load: float, n: int = 3, shape: Literal["I", "T"] = "I", masses: list[float] = [], mesh: Optional[Path] = None, anything=None):
                '''Deflection
                of a beam.'''
                print("ran")
            """;

        Outcome outcome = await sandbox.Executor.RunAsync(Runs.Request(source) with { LookOnly = true });

        Assert.Equal((EndReason.Ok, "The file can be run.", ""), (outcome.End.Reason, outcome.End.Message, outcome.Log));
        const string schema = """
            {"type": "object", "properties": {"load": {"type": "number"}, "n": {"type": "integer", "default": 3}, "shape": {"enum": ["I", "T"], "default": "I"},
             "masses": {"type": "array", "items": {"type": "number"}}, "mesh": {"anyOf": [{"type": "string", "format": "essaim-file"}, {"type": "null"}], "default": null},
             "anything": {"default": null}}, "required": ["load"], "additionalProperties": false, "description": "Deflection of a beam."}
            """;
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(
            System.Text.Json.Nodes.JsonNode.Parse(schema), System.Text.Json.Nodes.JsonNode.Parse(outcome.End.Result!.Value.GetRawText())), outcome.End.Result.Value.GetRawText());
    }

    [Fact]
    public async Task Look_OnlyWithInputs_RefusesThoseThatDoNotFit()
    {
        RunRequest request = Runs.Request("def main(load: float): pass") with { LookOnly = true, Texts = new Dictionary<string, string> { ["load"] = "heavy" } };

        Outcome outcome = await sandbox.Executor.RunAsync(request);

        Assert.Equal("input 'load': \"heavy\" is not a number", Assert.Single(outcome.End.Refused).ToSentence("test.py"));
    }

    [Fact]
    public void Request_Wrong_IsRefusedWithAllItsLimits()
    {
        RunRequest request = Runs.Request("") with { Limits = new RunLimits { Time = TimeSpan.Zero, Memory = 1, Cpus = double.NaN, Processes = 0 } };

        SandboxException error = Assert.Throws<SandboxException>(request.Validate);

        Assert.Equal(
            ("ESS6002", "The time limit must be 100 ms to 30 days. The memory must be 128M or more: with less, Python thrashes instead of ending. "
                + "The processors must be 0.05 to 1024. The processes must be 1 to 32768."),
            (error.Code, error.Message));
    }

    [Fact]
    public void Open_FolderOthersMayWriteTo_IsRefused()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);

        SandboxException error = Assert.Throws<SandboxException>(() => Machine.PrepareFolder(folder));

        Assert.Equal(("ESS6001", $"Others may write to {folder}, where the sandbox's own files lie. chmod go-w {folder}, or name another folder."), (error.Code, error.Message));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("params.json")]
    [InlineData("a\nb")]
    public void Request_FileOfStrangeName_IsRefused(string name)
    {
        RunRequest request = Runs.Request("") with { Files = [new InputFile(name, "/dev/null")] };

        Assert.Equal($"An input file cannot be called '{name}'. Give it another name.", Assert.Throws<SandboxException>(request.Validate).Message);
    }
}
