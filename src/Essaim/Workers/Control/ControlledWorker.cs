namespace Essaim;

/// <summary>What remote control looks at and changes.</summary>
internal sealed record ControlledWorker
{
    public required WorkerNode Node { get; init; }

    public required WorkerOptions Options { get; init; }

    public required NodeLabels Labels { get; init; }

    /// <summary>The backend's URL without its password.</summary>
    public required string DisplayUrl { get; init; }

    public required TaskRegistry Registry { get; init; }

    public required Scheduler Scheduler { get; init; }

    public required Ledger Ledger { get; init; }

    public required SlotScaler Scaler { get; init; }

    public required ConsumedQueues Queues { get; init; }

    public required QueueRegistry Definitions { get; init; }

    /// <summary>The fleet's configuration, as it is in force here.</summary>
    public required ConfigApplier Configuration { get; init; }

    public required Revoker Revoker { get; init; }

    public required TaskLimits Limits { get; init; }

    public required TaskEventSwitch Events { get; init; }

    public required EventWriter Writer { get; init; }

    public required EventSender Sender { get; init; }

    /// <summary>Begins the warm stop.</summary>
    public required Action Shutdown { get; init; }
}
