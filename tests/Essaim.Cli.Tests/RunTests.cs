using System.Diagnostics;
using System.Text.Json;

namespace Essaim.Cli.Tests;

public sealed class RunTests : IDisposable
{
    private const string Beam = """
        import sys
        import essaim


        def main(load: float, length: float = 2.5):
            essaim.progress(0.5, "half")
            print("computing")
            print("careful", file=sys.stderr)
            with open("plot.svg", "w") as file:
                file.write("<svg/>")
            return {"moment": load * length}
        """;

    private readonly TemporaryFolder _folder = new();

    // Runs have users of their own, who must be able to pass through.
    public RunTests() => File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_001_001);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_Function_PrintsItsOutputAndResultAndKeepsItsFiles()
    {
        CliResult run = await RunAsync(Beam, "--load", "1200", "--length=2", "--out", "results");

        Assert.Equal((ExitCodes.Ok, "computing\n{\"moment\":2400.0}\n"), (run.ExitCode, run.Output));
        Assert.Equal(" 50 % half\ncareful\nessaim: 2 files in results\n".Split('\n').Order(), run.Errors.Split('\n').Order());
        Assert.Equal("<svg/>", await File.ReadAllTextAsync(_folder["results/plot.svg"], TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateDirectories(_folder["sandbox/runs"]));
    }

    [Fact]
    public async Task Run_TheMachineHasNoMoreMemory_IsNotTheFunctionsFault()
    {
        SkipWithoutSandbox();
        string own = File.ReadLines("/proc/self/cgroup").Select(line => line.Split(':', 3)).FirstOrDefault(parts => parts[1] == "memory")?[2] ?? "";
        string part = $"/sys/fs/cgroup/memory{own}/essaimtest-{Guid.NewGuid():N}";
        if (own.Length == 0 || !Environment.IsPrivilegedProcess)
            Assert.Skip("Needs root and a memory controller of version 1, to make a part of the machine that is small.");
        Directory.CreateDirectory(part);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(part, "memory.limit_in_bytes"), "268435456", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(_folder["hungry.py"], "held = []\nwhile True:\n    held.append(bytearray(b'x' * (1 << 20)))\n", TestContext.Current.CancellationToken);
            ProcessStartInfo start = new("sh", ["-c", $"echo $$ > {part}/cgroup.procs; exec \"$@\"", "sh", Path.Combine(AppContext.BaseDirectory, "Essaim.Cli"), "run", "hungry.py", "--local", "--memory", "512M", "--sandbox-folder", _folder["sandbox"]])
            {
                WorkingDirectory = _folder.Path,
                RedirectStandardError = true,
            };
            using Process run = Process.Start(start)!;
            string errors = await run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await run.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.Contains("ESS6018: The machine, or the part of it that is ours, had no memory left, and its kernel ended the run at ", errors, StringComparison.Ordinal);
            Assert.Equal(ExitCodes.Internal, run.ExitCode);
        }
        finally
        {
            Directory.Delete(part);
        }
    }

    [Fact]
    public async Task Run_AsJson_WritesNothingElseToStdout()
    {
        CliResult run = await RunAsync(Beam, "load=2", "--format", "json");

        using JsonDocument end = JsonDocument.Parse(run.Output);
        Assert.Equal("ok", end.RootElement.GetProperty("reason").GetString());
        Assert.Equal(5.0, end.RootElement.GetProperty("result").GetProperty("moment").GetDouble());
        Assert.Equal(["plot.svg", "result.json"], end.RootElement.GetProperty("artifacts").EnumerateArray().Select(file => file.GetProperty("path").GetString()));
        Assert.True(end.RootElement.GetProperty("usage").GetProperty("wall_seconds").GetDouble() > 0);
        Assert.Contains("computing\n", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CheckOnly_PrintsTheInputsAndRunsNothing()
    {
        CliResult run = await RunAsync(Beam, "--check");

        Assert.Equal(
            (ExitCodes.Ok, """{"type":"object","properties":{"load":{"type":"number"},"length":{"type":"number","default":2.5}},"required":["load"],"additionalProperties":false}""" + "\n", ""),
            (run.ExitCode, run.Output, run.Errors));
    }

    [Fact]
    public async Task Run_WrongInputs_SaysAllAndRunsNothing()
    {
        CliResult run = await RunAsync(Beam, "--length", "long", "--depth", "3");

        Assert.Equal((ExitCodes.Failed, ""), (run.ExitCode, run.Output));
        Assert.Equal(
            "essaim: ESS6010: test.py was not run:\n  input 'load': is required: a number\n  input 'length': \"long\" is not a number\n  input 'depth': is not an input; main() has: load, length\n",
            run.Errors);
    }

    [Fact]
    public async Task Run_SyntaxError_PointsAtIt()
    {
        CliResult run = await RunAsync("x = 1\ndef main(:\n    pass\n");

        Assert.Equal((ExitCodes.Failed, "essaim: ESS6010: test.py was not run:\n  test.py:2:10: invalid syntax\n    def main(:\n             ^\n"), (run.ExitCode, run.Errors));
    }

    [Theory]
    [InlineData("raise ValueError('no mesh')", ExitCodes.Failed, "essaim: ESS6011: test.py:1: ValueError: no mesh\n")]
    [InlineData("import time\ntime.sleep(60)", ExitCodes.Limit, "essaim: ESS6012: The run was ended after its time limit of 500ms. Give it more (--time-limit), or have it do less.\n")]
    [InlineData("x = []\nwhile True: x.append(bytearray(1 << 24))", ExitCodes.Limit, "essaim: ESS6013: The run needed more memory than its limit of 128 MiB. Give it more (--memory), or have it use less.\n")]
    [InlineData("for n in range(30): open(f'f{n}', 'w').close()", ExitCodes.Limit, "essaim: ESS6014: The run left more than 20 files, or folders too deep or closed, in its output folder. Give it more (--output-files), or write fewer.\n")]
    [InlineData("while True: print('x' * 1000)", ExitCodes.Limit, "essaim: ESS6015: The run wrote more than 16 times its log limit of 4 KiB. Have it print less, or give it more (--log-limit).\n")]
    public async Task Run_ThatFails_SaysWhyAndWhoseFault(string source, int exitCode, string sentence)
    {
        string time = source.Contains("sleep", StringComparison.Ordinal) ? "500ms" : "30s";

        CliResult run = await RunAsync(source, "--time-limit", time, "--grace", "0s", "--memory", "128M", "--output-files", "20", "--log-limit", "4k");

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Interrupted_EndsItAndLeavesNothing()
    {
        SkipWithoutSandbox();
        await File.WriteAllTextAsync(_folder["test.py"], "import sys, time\nprint('ready', file=sys.stderr)\ntime.sleep(600)", TestContext.Current.CancellationToken);
        await using CliRun run = CliRun.Start(_folder.Path, "run", "test.py", "--local", "--sandbox-folder", "sandbox");
        await run.WaitForErrorsAsync("ready");

        await run.SignalAsync("INT");
        CliResult end = await run.EndAsync();

        Assert.Equal((ExitCodes.Interrupted, "ready\nessaim: ESS6016: The run was cancelled.\n"), (end.ExitCode, end.Errors));
        Assert.Empty(Directory.EnumerateDirectories(_folder["sandbox/runs"]));
    }

    [Fact]
    public async Task Run_Warm_LeavesOneWaitingThatTheNextTakes()
    {
        CliResult first = await RunAsync("print(6)", "--warm");
        await UntilAsync(() => Slots("ready").Length == 1);

        // Without --warm it takes what waits, and leaves none.
        CliResult second = await RunAsync("print(6 * 7)");

        Assert.Equal((ExitCodes.Ok, "6\n"), (first.ExitCode, first.Output));
        Assert.Equal((ExitCodes.Ok, "42\n", ""), (second.ExitCode, second.Output, second.Errors));
        await UntilAsync(() => Slots("").Length == 0);
    }

    [Theory]
    [InlineData("ESS6051: --warm is about this machine: add --local. A fleet's workers keep sandboxes warm by themselves (essaim worker --warm).", "test.py", "--warm")]
    [InlineData("ESS4001: 'stray' is not known here. Inputs are written --name value or name=value, after FILE.", "test.py", "--local", "stray")]
    [InlineData("ESS4001: The input 'a' is given twice. Give it once; a list is written as JSON: --a '[1, 2]'.", "test.py", "--local", "--a", "1", "--a", "2")]
    [InlineData("ESS4002: There is no file missing.py. FILE comes before the inputs: run FILE --local --name value.", "missing.py", "--local")]
    [InlineData("ESS4002: There is no file missing.inp (--file).", "test.py", "--local", "--file", "missing.inp")]
    [InlineData("ESS6002: The memory must be 128M or more: with less, Python thrashes instead of ending.", "test.py", "--local", "--memory", "1M")]
    public async Task Run_WrongUsage_SaysWhatToDo(string error, params string[] args)
    {
        await File.WriteAllTextAsync(_folder["test.py"], "pass", TestContext.Current.CancellationToken);

        CliResult run = await CliRun.RunAsync(_folder.Path, ["run", .. args]);

        Assert.Equal((ExitCodes.Unusable, $"essaim: {error}\n", ""), (run.ExitCode, run.Errors, run.Output));
    }

    private string[] Slots(string file) =>
        [.. Directory.EnumerateDirectories(_folder["sandbox/warm"]).SelectMany(Directory.EnumerateDirectories).Where(slot => Path.Exists(Path.Combine(slot, file)))];

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    internal static void SkipWithoutSandbox() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable("CI") == "true" || File.Exists("/usr/bin/bwrap"), "bubblewrap is not installed.");

    private async Task<CliResult> RunAsync(string source, params string[] args)
    {
        SkipWithoutSandbox();
        await File.WriteAllTextAsync(_folder["test.py"], source, TestContext.Current.CancellationToken);
        return await CliRun.RunAsync(_folder.Path, ["run", "test.py", "--local", "--sandbox-folder", "sandbox", .. args]);
    }
}
