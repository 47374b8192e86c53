namespace Essaim;

/// <summary>Announces the worker: online, a heartbeat every few seconds whatever the tasks do, offline.</summary>
internal sealed class Heartbeater(EventWriter writer, EventSender sender, PulseTaker pulse, TimeSpan period, TimeProvider time)
{
    /// <summary>Announces until cancelled; nothing where the period is zero.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (period == TimeSpan.Zero)
            return;
        Announce("worker-online");
        try
        {
            while (true)
            {
                await Rhythm.DelayAsync(period, time, stop);
                Announce("worker-heartbeat");
            }
        }
        catch (OperationCanceledException)
        {
            Announce("worker-offline");
        }
    }

    private void Announce(string type) => sender.Post(writer.Worker(type, period, pulse.Take()));
}
