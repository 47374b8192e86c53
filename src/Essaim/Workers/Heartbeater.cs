namespace Essaim;

/// <summary>Announces the worker: online, a heartbeat every few seconds whatever the tasks do, offline.</summary>
internal sealed class Heartbeater(EventWriter writer, EventSender sender, PulseTaker pulse, WorkerOptions options, TimeProvider time)
{
    private readonly Latch _news = new(time);

    /// <summary>Has the next heartbeat sent now: there is something to tell, or the period is another.</summary>
    public void BeatNow() => _news.Set();

    /// <summary>Announces until cancelled; nothing where the period is zero.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (options.InForce.Heartbeat == TimeSpan.Zero)
            return;
        Announce("worker-online");
        try
        {
            while (true)
            {
                await _news.WaitAsync(Rhythm.UntilNext(options.InForce.Heartbeat, time), stop);
                Announce("worker-heartbeat");
            }
        }
        catch (OperationCanceledException)
        {
            Announce("worker-offline");
        }
    }

    private void Announce(string type) => sender.Post(writer.Worker(type, options.InForce.Heartbeat, pulse.Take()));
}
