using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Essaim.Cli.Tests;

/// <summary>Two real workers, one on a machine without bubblewrap: functions go to the other, whichever sees them first.</summary>
public sealed class EnvironmentFleetTests : IDisposable
{
    private static readonly Dictionary<string, string> WithoutBubblewrap = new() { ["PATH"] = "/nowhere" };
    private readonly TemporaryFolder _folder = new();
    private Process? _redis;

    public void Dispose()
    {
        _redis?.Kill();
        _redis?.WaitForExit();
        _redis?.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("redis")]
    public async Task Function_AWorkerCannotRun_WaitsForOneThatCan(string kind)
    {
        RunTests.SkipWithoutSandbox();
        string broker = kind == "redis" ? await StartRedisAsync() : "sqlite:" + _folder["fleet.db"];
        await File.WriteAllTextAsync(_folder["test.py"], "import os\ndef main():\n    return os.getcwd()", TestContext.Current.CancellationToken);
        await using CliRun lacking = CliRun.StartWith(_folder.Path, WithoutBubblewrap, "worker", "--autoscale", "1,1", "-n", "lacking@here", "--broker", broker);
        await lacking.WaitForErrorsAsync("Functions do not run here in 'python': bubblewrap is not installed; functions cannot be run without it. On Debian: apt-get install bubblewrap.");

        await using CliRun run = CliRun.Start(_folder.Path, "run", "test.py", "--broker", broker);
        await UntilQueuedAsync("celery@env.python", broker);
        await using CliRun able = CliRun.StartWith(_folder.Path, Declared(), "worker", "--autoscale", "1,1", "-n", "able@here", "--broker", broker);

        Assert.Equal(new CliResult(ExitCodes.Ok, "/out\n", ""), WithoutNotes(await run.EndAsync()));
        // One that only the second knows, sent by somebody who knows of no environments.
        await able.WaitForErrorsAsync("Functions run here in 'bare' as plain processes.");
        CliResult bare = await CliRun.RunAsync(_folder.Path, "call", "essaim.function", "source=import os\ndef main(): return 'in ' + os.environ['ESSAIM_RUN'][:1]", "environment=bare", "--broker", broker);
        Assert.Equal((ExitCodes.Ok, "in /\n"), (bare.ExitCode, bare.Output));
    }

    [Fact]
    public async Task Function_InAnEnvironmentThatCannotBe_IsRefused()
    {
        RunTests.SkipWithoutSandbox();
        await using CliRun worker = CliRun.Start(_folder.Path, "worker", "--autoscale", "1,1", "-l", "warning");
        await worker.WaitForErrorsAsync("slots");

        CliResult called = await CliRun.RunAsync(_folder.Path, "call", "essaim.function", "source=pass", "environment=No Name");

        Assert.Equal(ExitCodes.Failed, called.ExitCode);
        Assert.Contains("ESS6034: 'No Name' cannot be the name of an environment", called.Errors, StringComparison.Ordinal);
    }

    // Notes of a run that waited.
    private static CliResult WithoutNotes(CliResult result) => result with { Errors = "" };

    private Dictionary<string, string> Declared()
    {
        File.WriteAllText(_folder["mine.yaml"], "bare: {executor: process}\n");
        return new() { ["ESSAIM_ENVIRONMENTS"] = _folder["mine.yaml"] };
    }

    private async Task UntilQueuedAsync(string queue, string broker)
    {
        while (!(await CliRun.RunAsync(_folder.Path, "queues", "--broker", broker)).Output.Contains(queue, StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private async Task<string> StartRedisAsync()
    {
        int port = FreePort();
        _redis = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", _folder.Path]) { RedirectStandardOutput = true })!;
        while (await _redis.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
                break;
        }

        _ = _redis.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return $"redis://127.0.0.1:{port}/0";
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
