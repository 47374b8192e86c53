using System.Text.Json;

namespace Essaim.Cli.Tests;

/// <summary>Functions with names, on a core with its worker, as a user types it.</summary>
public sealed class FunctionsTests : IDisposable
{
    private const string Beam = """
        import sys
        import essaim


        def main(load: float, length: float = 2.5, kind: str = "steel"):
            '''Deflection of a beam.'''
            essaim.progress(0.5, "half")
            print("computing")
            print("careful", file=sys.stderr)
            return {"moment": load * length}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Functions_PushedListedRunAndRemoved()
    {
        RunTests.SkipWithoutSandbox();
        await using CliRun up = CliRun.Start(_folder.Path, "up", "--url", "http://127.0.0.1:0", "--autoscale", "2,1");
        await up.WaitForErrorsAsync("Ctrl-C stops it.");

        CliResult pushed = await PushAsync(Beam);
        Assert.Equal(ExitCodes.Ok, pushed.ExitCode);
        Assert.Matches("^beam@[0-9a-f]{12}\n$", pushed.Output);
        string version = pushed.Output.Trim()["beam@".Length..];
        CliResult again = await PushAsync(Beam);
        Assert.Equal((pushed.Output, true), (again.Output, again.Errors.StartsWith("This very content was there already; it is the latest again.\n", StringComparison.Ordinal)));
        CliResult limited = await PushAsync(Beam.Replace("length\n", "length * 2\n", StringComparison.Ordinal).Replace("load * length", "load * length * 2", StringComparison.Ordinal), "--memory", "256M", "--time-limit", "30s");
        string second = limited.Output.Trim()["beam@".Length..];

        CliResult list = await RunAsync("list");
        Assert.Matches($"^NAME +LATEST +VERSIONS +ENVIRONMENT +PUSHED +DESCRIPTION\nbeam +{second} +2 +python +[-0-9: Z]+ +Deflection of a beam\\.\n$", list.Output);
        CliResult versions = await RunAsync("versions", "beam");
        Assert.Matches($"\n{second} +latest +python .*\n{version} +python .*\n$", versions.Output);
        CliResult show = await RunAsync("show", $"beam@{second[..5]}");
        Assert.Contains($"version      {second} (latest)\n", show.Output, StringComparison.Ordinal);
        Assert.Contains("limits       time 30, grace 10, memory 268435456,", show.Output, StringComparison.Ordinal);
        Assert.Matches("\nINPUT +TYPE +DEFAULT\nload +number +required\nlength +number +2.5\nkind +string +\"steel\"\n", show.Output);
        Assert.Equal(Beam, (await RunAsync("show", $"beam@{version}", "--source")).Output);
        using (JsonDocument json = JsonDocument.Parse((await RunAsync("list", "--format", "json")).Output))
            Assert.Equal(second, json.RootElement[0].GetProperty("latest").GetProperty("version").GetString());

        CliResult run = await RunAsync("run", $"beam@{version}", "--load", "1200");
        Assert.Equal((ExitCodes.Ok, "computing\n{\"moment\":3000}\n"), (run.ExitCode, run.Output.Replace("3000.0", "3000", StringComparison.Ordinal)));
        Assert.Contains("careful\n", run.Errors, StringComparison.Ordinal);
        Assert.Contains("50 % half", run.Errors, StringComparison.Ordinal);
        Assert.EndsWith("{\"moment\":6000}\n", (await RunAsync("run", "beam", "load=1200")).Output.Replace("6000.0", "6000", StringComparison.Ordinal), StringComparison.Ordinal);

        Assert.Equal(
            new CliResult(
                ExitCodes.Failed, "",
                $"essaim: ESS6026: beam@{second} was not run: 2 inputs are wrong.\n  input 'load': is required: a number\n  input 'lod': is not an input; main() has: load, length, kind\n"),
            await RunAsync("run", "beam", "--lod", "1"));
        CliResult more = await RunAsync("run", "beam", "--load", "1", "--memory", "1G");
        Assert.Equal(
            (ExitCodes.Unusable, "essaim: ESS5011: The request has a mistake; nothing was done.\n  $.limits.memory: must be at most 268435456, as the version has it; push a version with more\n"),
            (more.ExitCode, more.Errors));
        // Not over the API, so nobody compared them before: the worker does.
        CliResult called = await CliRun.RunAsync(_folder.Path, "call", "essaim.function", "function=beam", "inputs={\"load\": 1}", "limits={\"memory\": 1073741824}");
        Assert.Contains($"ESS6028: The call wants more than beam@{second} has: memory is at most 268435456. Push a version with more.", called.Errors, StringComparison.Ordinal);

        called = await CliRun.RunAsync(_folder.Path, "call", "essaim.function", "function=beam", "inputs={\"load\": 1}", "environment=python-sci");
        Assert.Contains(
            $"ESS6028: The call wants the environment 'python-sci', and beam@{second} is of 'python'. Leave it out, or push a version for it.", called.Errors, StringComparison.Ordinal);
        called = await CliRun.RunAsync(_folder.Path, "call", "essaim.function", "function=beam", "source=pass");
        Assert.Contains("ESS6003: A call has either a source, or the name of a function (function=\"name\" or \"name@version\").", called.Errors, StringComparison.Ordinal);

        CliResult detached = await RunAsync("run", "beam", "--load", "1", "--no-wait");
        Assert.Equal(ExitCodes.Ok, (await CliRun.RunAsync(_folder.Path, "result", detached.Output.Trim(), "--wait")).ExitCode);

        Assert.Equal(new CliResult(ExitCodes.Ok, $"beam@{version}\n", ""), await RunAsync("remove", $"beam@{version}"));
        Assert.Equal(
            new CliResult(ExitCodes.NotFound, "", $"essaim: ESS6022: There is no version '{version}' of the function 'beam'. 'essaim functions versions beam' lists those there are.\n"),
            await RunAsync("run", $"beam@{version}", "--load", "1"));
        Assert.Equal(new CliResult(ExitCodes.Ok, $"beam@{second}\n", ""), await RunAsync("remove", "beam"));
        Assert.Equal(
            new CliResult(ExitCodes.NotFound, "", "essaim: ESS6022: There is no function 'beam'. 'essaim functions list' shows those there are.\n"), await RunAsync("show", "beam"));
    }

    [Fact]
    public async Task Functions_ThatFailOrAreRefused_SayWhyAndHaveTheirExitCode()
    {
        RunTests.SkipWithoutSandbox();
        await using CliRun up = CliRun.Start(_folder.Path, "up", "--url", "http://127.0.0.1:0", "--autoscale", "2,1", "--function-imports", "refuse", "--function-allow", "numpy,scipy");
        await up.WaitForErrorsAsync("Ctrl-C stops it.");

        Assert.Equal(
            new CliResult(ExitCodes.Failed, "", "essaim: ESS6025: beam.py was not kept: something is wrong with it.\n  beam.py:1:9: '(' was never closed\n"), await PushAsync("def main(\n"));
        Assert.Equal(
            new CliResult(
                ExitCodes.Failed, "",
                "essaim: ESS6025: beam.py was not kept: something is wrong with it.\n  beam.py:1:1: the package 'requests' is not among those allowed here: numpy, scipy\n"),
            await PushAsync("import requests\n"));
        CliResult name = await RunAsync("push", "beam.py", "--name", "Beam");
        Assert.Equal(
            (ExitCodes.Unusable, "essaim: ESS5011: The request has a mistake; nothing was done.\n  $.name: 'Beam' is not a name of a function: 1 to 63 of a-z, 0-9 and -, with a letter or digit first and last, such as beam-deflection.\n"),
            (name.ExitCode, name.Errors));
        Assert.Equal(new CliResult(ExitCodes.Unusable, "", "essaim: ESS4002: There is no file arch.py.\n"), await RunAsync("push", "arch.py"));
        Assert.Equal(
            new CliResult(ExitCodes.Unusable, "", "essaim: ESS6021: '1a' is not a version: at least 4 of the hexadecimal digits its id begins with, or latest.\n"), await RunAsync("show", "beam@1a"));

        await PushAsync("def main():\n    return 1 / 0\n");
        CliResult failed = await RunAsync("run", "beam");
        Assert.Equal(ExitCodes.Failed, failed.ExitCode);
        Assert.EndsWith("essaim: ESS6011: beam.py:2: ZeroDivisionError: division by zero\n", failed.Errors, StringComparison.Ordinal);
        await PushAsync("import time\ntime.sleep(60)\n", "--time-limit", "500ms", "--grace", "0s");
        Assert.Equal(ExitCodes.Limit, (await RunAsync("run", "beam")).ExitCode);
    }

    [Fact]
    public async Task Run_WithFiles_SendsThemAndBringsWhatItLeft()
    {
        RunTests.SkipWithoutSandbox();
        await using CliRun up = CliRun.Start(_folder.Path, "up", "--url", "http://127.0.0.1:0", "--autoscale", "2,1");
        await up.WaitForErrorsAsync("Ctrl-C stops it.");
        await PushAsync("""
            from pathlib import Path
            import os


            def main(mesh: Path, factor: int):
                os.makedirs("out")
                Path("out/twice.txt").write_text(mesh.read_text() * 2)
                print("computed")
                return len(mesh.read_text()) * factor
            """);
        await File.WriteAllTextAsync(_folder["mesh.inp"], "1 2 3", TestContext.Current.CancellationToken);

        CliResult run = await RunAsync("run", "beam", "--mesh", "mesh.inp", "--factor", "3", "--file", "mesh.inp", "--out", "results", "--cache");
        Assert.Equal((ExitCodes.Ok, "computed\n15\n"), (run.ExitCode, run.Output));
        Assert.Contains("essaim: 2 files in results\n", run.Errors, StringComparison.Ordinal);
        Assert.Equal("1 2 31 2 3", await File.ReadAllTextAsync(_folder["results/out/twice.txt"], TestContext.Current.CancellationToken));

        CliResult cached = await RunAsync("run", "beam", "--mesh", "mesh.inp", "--factor", "3", "--file", "mesh.inp", "--out", "again", "--cache");
        Assert.Equal((ExitCodes.Ok, "15\n"), (cached.ExitCode, cached.Output));
        Assert.Contains("from cache: run of ", cached.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["again/out/twice.txt"]));

        CliResult forgotten = await RunAsync("run", "beam", "--mesh", "mesh.inp", "--factor", "3");
        Assert.Equal(ExitCodes.Failed, forgotten.ExitCode);
        Assert.StartsWith("essaim: ESS6026: ", forgotten.Errors, StringComparison.Ordinal);
        Assert.Equal(
            new CliResult(ExitCodes.Unusable, "", "essaim: ESS4002: There is no file plate.inp (--file).\n"), await RunAsync("run", "beam", "--mesh", "plate.inp", "--file", "plate.inp"));
        Assert.Equal(
            new CliResult(ExitCodes.Unusable, "", "essaim: ESS6003: The files have 5 bytes together; at most 4 go to the fleet, through the broker's memory. Allow more (--files-limit), send less, or run it here (--local).\n"),
            await RunAsync("run", "beam", "--mesh", "mesh.inp", "--factor", "3", "--file", "mesh.inp", "--files-limit", "4"));
        Assert.Equal(ExitCodes.Unusable, (await RunAsync("run", "beam", "--mesh", "mesh.inp", "--factor", "3", "--out", "results", "--no-wait")).ExitCode);
    }

    [Fact]
    public async Task Plan_OfUp_BoundsItsCoreAndItsWorker()
    {
        RunTests.SkipWithoutSandbox();
        await using CliRun up = CliRun.Start(_folder.Path, "up", "--url", "http://127.0.0.1:0", "--autoscale", "2,1", "--function-plan", "memory=256M,time=1m");
        await up.WaitForErrorsAsync("Ctrl-C stops it.");

        CliResult pushed = await PushAsync(Beam, "--time-limit", "2m");
        Assert.Equal(
            new CliResult(ExitCodes.Unusable, "", "essaim: ESS5011: The request has a mistake; nothing was done.\n  $.limits.time: must be at most 60, which is the most this core allows\n"), pushed);
        // Who asks for nothing gets what is allowed: less than is usual.
        await File.WriteAllTextAsync(_folder["hungry.py"], "def main():\n    return len(bytearray(b'x' * (300 << 20)))\n", TestContext.Current.CancellationToken);
        CliResult hungry = await CliRun.RunAsync(_folder.Path, "run", "hungry.py");
        Assert.Equal(ExitCodes.Limit, hungry.ExitCode);
        CliResult over = await CliRun.RunAsync(_folder.Path, "run", "hungry.py", "--memory", "1G");
        Assert.Equal(ExitCodes.Failed, over.ExitCode);
        Assert.Contains("ESS6028: The call wants more than this worker allows: memory is at most 268435456. Ask for less, or have its operator allow more (--function-plan).", over.Errors, StringComparison.Ordinal);
        Assert.Equal(
            "essaim: ESS4001: '2 GB' is no plan of limits. Name limits",
            (await CliRun.RunAsync(_folder.Path, "worker", "--function-plan", "2 GB")).Errors[.."essaim: ESS4001: '2 GB' is no plan of limits. Name limits".Length]);
    }

    [Fact]
    public async Task Run_Interrupted_EndsItOnTheFleet()
    {
        RunTests.SkipWithoutSandbox();
        await using CliRun up = CliRun.Start(_folder.Path, "up", "--url", "http://127.0.0.1:0", "--autoscale", "2,1");
        await up.WaitForErrorsAsync("Ctrl-C stops it.");
        await PushAsync("import sys, time\nprint('ready', file=sys.stderr)\ntime.sleep(600)\n", "--grace", "0s");
        await using CliRun run = CliRun.Start(_folder.Path, "functions", "run", "beam");
        await run.WaitForErrorsAsync("ready");

        await run.SignalAsync("INT");

        Assert.Equal(ExitCodes.Interrupted, (await run.EndAsync()).ExitCode);
        while (JsonDocument.Parse((await CliRun.RunAsync(_folder.Path, "tasks", "--format", "json")).Output).RootElement[0].GetProperty("state").GetString() != "REVOKED")
            await Task.Yield();
    }

    private async Task<CliResult> PushAsync(string source, params string[] args)
    {
        await File.WriteAllTextAsync(_folder["beam.py"], source, TestContext.Current.CancellationToken);
        return await RunAsync(["push", "beam.py", .. args]);
    }

    private Task<CliResult> RunAsync(params string[] args) => CliRun.RunAsync(_folder.Path, ["functions", .. args]);
}
