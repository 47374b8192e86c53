using System.Diagnostics;
using Essaim.Tests.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Tests.Steps;

public sealed class StepCrashTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WorkerKilled_BetweenAnyTwoSteps_EachStepHasItsEffectOnce()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string url = $"sqlite:{Path.Combine(folder, "broker.db")}";
        await using IBackend backend = await Backend.OpenAsync(url, new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), Stop);
        await using TaskClient client = new(backend);

        string[] effects = await Task.WhenAll(Enumerable.Range(0, StepRole.Steps).Select(step => KillAfterAsync(client, url, folder, step)));

        Assert.All(effects, effect => Assert.Equal("0\n1\n2\n3\n4\n", effect));
    }

    private static async Task<string> KillAfterAsync(TaskClient client, string url, string parent, int step)
    {
        string queue = $"q{step}";
        string folder = Directory.CreateDirectory(Path.Combine(parent, queue)).FullName;
        TaskHandle handle = await client.SendAsync("steps", [folder, step], options: new EnqueueOptions { Queue = queue }, cancellationToken: Stop);
        using Process first = Start(url, queue);
        await RunningWorker.UntilAsync(() => File.Exists(Path.Combine(folder, "hung")));
        first.Kill();
        await first.WaitForExitAsync(Stop);

        using Process second = Start(url, queue);
        Assert.Equal(10, await handle.GetResultAsync<int>(cancellationToken: Stop));
        second.Kill();
        await second.WaitForExitAsync(Stop);
        return await File.ReadAllTextAsync(Path.Combine(folder, "effects"), Stop);
    }

    private static Process Start(string url, string queue) => Process.Start(Environment.ProcessPath!, [StepRole.Verb, url, queue]);
}
