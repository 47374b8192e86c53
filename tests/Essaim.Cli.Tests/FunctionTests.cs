namespace Essaim.Cli.Tests;

/// <summary>Functions on a fleet: a worker process takes them, the command shows what they say.</summary>
public sealed class FunctionTests : IDisposable
{
    private const string Beam = """
        import sys
        import essaim


        def main(load: float, length: float = 2.5):
            essaim.progress(0.5, "half")
            print("computing")
            print("careful", file=sys.stderr)
            return {"moment": load * length}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_OnAFleet_PrintsLogAndResultAndCodes()
    {
        RunTests.SkipWithoutSandbox();
        await using CliRun worker = await StartWorkerAsync();

        CliResult run = await RunAsync(Beam, "--load", "1200");
        Assert.Equal((ExitCodes.Ok, "computing\n{\"moment\":3000}\n"), (run.ExitCode, run.Output.Replace("3000.0", "3000", StringComparison.Ordinal)));
        Assert.Contains("careful\n", run.Errors, StringComparison.Ordinal);

        CliResult wrong = await RunAsync(Beam, "--lod", "1");
        Assert.Equal(
            (ExitCodes.Failed, "essaim: ESS6010: test.py was not run: input 'load': is required: a number; input 'lod': is not an input; main() has: load, length\n"),
            (wrong.ExitCode, wrong.Errors));

        CliResult failed = await RunAsync("def main():\n    return 1 / 0");
        Assert.Equal(ExitCodes.Failed, failed.ExitCode);
        Assert.EndsWith("essaim: ESS6011: test.py:2: ZeroDivisionError: division by zero\n", failed.Errors, StringComparison.Ordinal);

        CliResult late = await RunAsync("import time\ntime.sleep(60)", "--time-limit", "500ms", "--grace", "0s");
        Assert.Equal(
            (ExitCodes.Limit, "essaim: ESS6012: The run was ended after its time limit of 500ms. Give it more (--time-limit), or have it do less.\n"), (late.ExitCode, late.Errors));

        // Any client may call it: a workflow, a chain, Celery.
        CliResult called = await CliRun.RunAsync(_folder.Path, "call", "essaim.function", "source=def main(a: int): return a + 1", "inputs={\"a\": 41}");
        Assert.Equal(new CliResult(ExitCodes.Ok, "42\n", ""), called);
    }

    [Fact]
    public async Task Run_InterruptedOnAFleet_EndsItThere()
    {
        RunTests.SkipWithoutSandbox();
        await using CliRun worker = await StartWorkerAsync();
        await File.WriteAllTextAsync(_folder["test.py"], "import sys, time\nprint('ready', file=sys.stderr)\ntime.sleep(600)", TestContext.Current.CancellationToken);
        await using CliRun run = CliRun.Start(_folder.Path, "run", "test.py", "--grace", "0s");
        await run.WaitForErrorsAsync("ready");

        await run.SignalAsync("INT");

        Assert.Equal(ExitCodes.Interrupted, (await run.EndAsync()).ExitCode);
        await worker.SignalAsync("INT");
        Assert.Equal(ExitCodes.Ok, (await worker.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Run_WhoseWorkerIsKilled_IsFoundAndCollectedByTheNext()
    {
        RunTests.SkipWithoutSandbox();
        await using CliRun first = await StartWorkerAsync();
        await File.WriteAllTextAsync(
            _folder["test.py"],
            "import secrets, sys, time\ndef main():\n    token = secrets.token_hex(8)\n    print('ready', token, file=sys.stderr)\n    time.sleep(5)\n    return token",
            TestContext.Current.CancellationToken);
        await using CliRun run = CliRun.Start(_folder.Path, "run", "test.py");
        await run.WaitForErrorsAsync("ready");

        await first.SignalAsync("KILL");
        await first.EndAsync();
        await using CliRun second = await StartWorkerAsync();
        CliResult end = await run.EndAsync();

        // Were it run again, it would have made up another.
        string token = end.Errors.Split('\n').First(line => line.StartsWith("ready ", StringComparison.Ordinal))["ready ".Length..];
        Assert.Equal((ExitCodes.Ok, token + "\n"), (end.ExitCode, end.Output));
    }

    [Theory]
    [InlineData("lots")]
    [InlineData("python-sci=many")]
    public async Task Worker_ToKeepWarmWhatIsNothing_SaysWhatToGive(string plan)
    {
        CliResult worker = await CliRun.RunAsync(_folder.Path, "worker", "--warm", plan);

        Assert.Equal(ExitCodes.Unusable, worker.ExitCode);
        Assert.Contains($"'{plan}' is not what can be kept warm. Give auto, off, or numbers up to 64 by environment, such as python-sci=2,python=1.", worker.Errors, StringComparison.Ordinal);
    }

    private async Task<CliRun> StartWorkerAsync()
    {
        // What waited in this machine's own folder would outlive the tests.
        CliRun worker = CliRun.Start(_folder.Path, "worker", "--autoscale", "2,1", "-l", "warning", "--lease", "3s", "--warm", "off");
        await worker.WaitForErrorsAsync("slots");
        return worker;
    }

    private async Task<CliResult> RunAsync(string source, params string[] args)
    {
        await File.WriteAllTextAsync(_folder["test.py"], source, TestContext.Current.CancellationToken);
        return await CliRun.RunAsync(_folder.Path, ["run", "test.py", .. args]);
    }
}
