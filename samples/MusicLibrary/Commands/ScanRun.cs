using Essaim;

namespace MusicLibrary;

/// <summary>
/// Starts a scan and watches the library until nothing is missing. The tasks do the work whoever watches; where the queues ran
/// empty with work left (their file was deleted, a task was given up), the scan is sent again and goes on where it was.
/// </summary>
internal sealed class ScanRun(LibraryDatabase library, string root, bool retryFailed, TaskClient client, ScanScreen screen)
{
    private const int MaxResumes = 2;
    private const int IdleLooksBeforeResume = 4;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>True when the scan came to its end; false where it was given up.</summary>
    public async Task<bool> RunAsync(LocalWorker? worker, CancellationToken stop)
    {
        await SendAsync(retryFailed, stop);
        using PeriodicTimer timer = new(Look, TimeProvider.System);
        int resumes = 0, idleLooks = 0;
        ScanStatus? last = null;
        do
        {
            worker?.Ensure();
            IReadOnlyDictionary<string, long> depths = await DepthsAsync(stop);
            ScanStatus status = library.Read(session => ScanStatus.Of(session, root));
            screen.Show(status, depths);
            if (status.IsComplete)
                return End();
            bool idle = depths.Values.Sum() == 0 && status == last;
            idleLooks = idle ? idleLooks + 1 : 0;
            last = status;
            if (idleLooks < IdleLooksBeforeResume)
                continue;
            if (++resumes > MaxResumes)
                return false;
            idleLooks = 0;
            await SendAsync(retryFailed: false, stop);
        }
        while (await timer.WaitForNextTickAsync(stop));

        return false;
    }

    private async Task SendAsync(bool retryFailed, CancellationToken stop)
    {
        (string scan, _) = library.Write(session => ScanRows.Begin(session, root, Guid.NewGuid().ToString("n")));
        await client.EnqueueAsync(new Discover(library.Path, root, scan, retryFailed), cancellationToken: stop);
    }

    private async Task<IReadOnlyDictionary<string, long>> DepthsAsync(CancellationToken stop)
    {
        IBackend backend = await client.GetBackendAsync(stop);
        Dictionary<string, long> found = (await backend.Broker.GetQueuesAsync(stop))
            .ToDictionary(queue => queue.Name, queue => queue.Ready + queue.Delayed + queue.InFlight);
        return Queues.All.ToDictionary(queue => queue, queue => found.GetValueOrDefault(queue));
    }

    private bool End()
    {
        library.Write(session => session.Run("UPDATE scans SET state = @done WHERE root = @root", ("@done", ScanRows.Done), ("@root", root)));
        return true;
    }
}
