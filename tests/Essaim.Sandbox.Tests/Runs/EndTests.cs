namespace Essaim.Sandbox.Tests;

public abstract class EndSuite
{
    internal abstract IHeldExecutor Executor { get; }

    [Fact]
    public async Task Exception_OfTheProgram_HasItsTypeAndTheUsersLine()
    {
        const string source = """
            def deeper(x):
                return 1 / x


            def main():
                return deeper(0)
            """;

        Outcome outcome = await Executor.RunAsync(Runs.Request(source, "beam.py"));

        Assert.Equal((EndReason.Error, "beam.py:2: ZeroDivisionError: division by zero", 1), (outcome.End.Reason, outcome.End.Message, outcome.End.ExitCode));
        const string traceback = """
            Traceback (most recent call last):
              File "beam.py", line 6, in main
                return deeper(0)
                       ^^^^^^^^^
              File "beam.py", line 2, in deeper
                return 1 / x
                       ~~^~~
            ZeroDivisionError: division by zero

            """;
        Assert.Equal(traceback, outcome.Error);
        Assert.Equal(traceback, outcome.End.Error?.Traceback);
    }

    [Theory]
    [InlineData("raise SystemExit(3)", "Error", "The run ended with exit code 3.")]
    [InlineData("raise SystemExit(0)", "Ok", "The run ended well.")]
    [InlineData("import os; os.abort()", "Error", "The run was ended by signal 6 (it aborted: SIGABRT).")]
    [InlineData("import ctypes; ctypes.string_at(0)", "Error", "The run was ended by signal 11 (it crashed: SIGSEGV).")]
    [InlineData("import os; os._exit(96)", "Error", "The run ended with exit code 96.")]
    public async Task End_ByItself_IsToldAsItWas(string source, string reason, string message)
    {
        Outcome outcome = await Executor.RunAsync(source);

        Assert.Equal((reason, message), (outcome.End.Reason.ToString(), outcome.End.Message));
    }

    [Theory]
    [InlineData("def main(): return float('nan')", "test.py: ValueError: main returned NaN or an infinity, which JSON cannot hold; return None instead")]
    [InlineData("def main(): return object()", "test.py: TypeError: main returned a object; return numbers, texts, lists, dicts and None")]
    [InlineData("def main(): return 'x' * 2000000", "ValueError: what main returned takes 2000002 bytes as JSON, more than 1048576; write it to a file instead")]
    public async Task Result_ThatIsNone_IsTheProgramsError(string source, string message)
    {
        Outcome outcome = await Executor.RunAsync(source);

        Assert.Equal((EndReason.Error, message.Replace("test.py: ", "", StringComparison.Ordinal)), (outcome.End.Reason, outcome.End.Message));
        Assert.Null(outcome.End.Result);
    }

    [Fact]
    public async Task Files_LeftBehind_AreCollectedWithTheirTitles()
    {
        const string source = """
            import essaim
            import os
            os.makedirs("plots/deep")
            for name in ("plots/deep/a.svg", "b.csv"):
                with open(name, "w") as file:
                    file.write(name)
            essaim.artifact("plots/deep/a.svg", title="Deflection")
            """;
        Dictionary<string, string> contents = [];

        Outcome outcome = await Executor.RunAsync(Runs.Request(source), async end =>
        {
            foreach (Artifact artifact in end.Artifacts)
                contents[artifact.Path] = await File.ReadAllTextAsync(Path.Combine(end.CollectedFolder!, artifact.Path));
        });

        Assert.Equal([new Artifact("b.csv", 5, null), new Artifact("plots/deep/a.svg", 16, "Deflection")], outcome.End.Artifacts);
        Assert.All(contents, file => Assert.Equal(file.Key, file.Value));
    }

    [Fact]
    public async Task Links_LeftBehind_AreToldNotCollected()
    {
        Outcome outcome = await Executor.RunAsync("import os\nos.symlink('/etc/passwd', 'link')\nos.mkfifo('pipe')\nopen('bad\\nname', 'w')");

        Assert.Empty(outcome.End.Artifacts);
        Assert.Equal(
            [new SkippedEntry("bad\\x0aname", "its name is not plain text"), new SkippedEntry("link", "it is a link"), new SkippedEntry("pipe", "it is neither file nor folder")],
            outcome.End.Skipped.OrderBy(entry => entry.Path, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Usage_OfARun_IsMeasured()
    {
        Outcome outcome = await Executor.RunAsync("import os\nx = bytearray(40 << 20)\nwhile os.times().user < 0.2: pass\nprint('y' * 999)\nopen('f', 'wb').write(bytes(1 << 20))");

        RunUsage usage = outcome.End.Usage;
        Assert.InRange(usage.Cpu.TotalSeconds, 0.2, 60);
        Assert.InRange(usage.PeakMemory, 40 << 20, 200 << 20);
        Assert.Equal(1000, usage.LogBytes);
        Assert.InRange(usage.OutputBytes, 1 << 20, 2 << 20);
    }

    [Fact]
    public async Task Processes_Refused_AreCounted()
    {
        const string source = "import threading\ngate = threading.Event()\ntry:\n    for _ in range(50): threading.Thread(target=gate.wait, daemon=True).start()\nexcept RuntimeError:\n    print('refused')";

        Outcome outcome = await Executor.RunAsync(Runs.Request(source) with { Limits = new RunLimits { Processes = 8 } });

        Assert.Equal("refused\n", outcome.Out);
        Assert.Equal(EndReason.Ok, outcome.End.Reason);
    }
}

/// <summary>The suite in bubblewrap.</summary>
public sealed class EndTests(SandboxFixture sandbox) : EndSuite
{
    internal override IHeldExecutor Executor { get; } = sandbox.Executor;
}
