using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Tells each decision about the number of slots once, with its reason: in the log, as an event, in the metrics.</summary>
internal sealed class ScaleReporter(EventWriter writer, EventSender sender, WorkerMetrics metrics, ILogger logger)
{
    public void Tell(ScaleDecision decision)
    {
        (int from, int to, string reason, bool refused) = decision;
        if (refused)
            WorkerLog.ScaleRefused(logger, from, to, reason);
        else
            WorkerLog.Scaled(logger, from, to, reason);
        sender.Post(writer.Scaled(refused ? "worker-scale-refused" : "worker-scaled", from, to, reason));
        metrics.Scaled(refused ? "refused" : to > from ? "up" : "down");
    }
}
