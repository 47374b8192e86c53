using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Tests.Workers;

public sealed class WorkerKilledTests
{
    [Fact]
    public async Task WorkerKilled_TaskRunningInItsChild_RunsAgainElsewhereOnceItsLeaseIsOver()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string url = $"sqlite:{Path.Combine(folder, "broker.db")}";
        CancellationToken stop = TestContext.Current.CancellationToken;
        await using IBackend backend = await Backend.OpenAsync(url, new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), stop);
        await backend.Broker.PublishAsync(Outgoing.Of(Script.Outgoing(Script.Message("deaf", id: "t1"))), stop);
        using Process first = Start(url);
        await RunningWorker.UntilAsync(async () => await backend.Broker.FindAsync("t1", stop) is { Place: MessagePlace.InFlight });
        string killed = (await backend.Broker.FindAsync("t1", stop))!.Worker!;

        first.Kill();
        await first.WaitForExitAsync(stop);
        using Process second = Start(url);
        await RunningWorker.UntilAsync(async () =>
            await backend.Broker.FindAsync("t1", stop) is { Place: MessagePlace.InFlight, DeliveryCount: 2 } place && place.Worker != killed);

        second.Kill();
        await second.WaitForExitAsync(stop);
    }

    private static Process Start(string url) => Process.Start(Environment.ProcessPath!, [WorkerRole.Verb, url, "processes", "1"]);
}
