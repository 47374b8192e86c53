using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Serves the queues the fleet's placement gives this node, at once when it changes; what runs goes on.</summary>
internal sealed class PlacementFollower(
    IConfigStore store, ConsumedQueues queues, NodeLabels labels, WorkerOptions options, string node, TimeProvider time, Random random, ILogger logger)
{
    private readonly Backoff _backoff = new(time, random);
    private Placement _placement = Placement.Everyone;

    /// <summary>Follows until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await foreach (ConfigSnapshot snapshot in store.WatchAsync(stop))
                {
                    _backoff.Succeed();
                    Follow(snapshot.Document);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (_backoff.Fail())
                    WorkerLog.PlacementUnknown(logger, failure);
            }

            await _backoff.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Follow(ConfigDocument document)
    {
        Placement placement;
        try
        {
            placement = Placement.Read(document);
        }
        catch (FormatException wrong)
        {
            WorkerLog.PlacementWrong(logger, wrong.Message);
            return;
        }

        // What remote control has added or taken away stays as long as the placement does.
        if (placement.Write() == _placement.Write())
            return;
        _placement = placement;
        IReadOnlyList<string> served = placement.QueuesOf(node, label => labels.Meet([label]), options.Queues);
        queues.Replace(served);
        WorkerLog.Placed(logger, placement.IsSpecialised ? "specialised" : "everyone", served.Count == 0 ? "none" : string.Join(", ", served));
    }
}
