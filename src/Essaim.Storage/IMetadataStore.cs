namespace Essaim.Storage;

/// <summary>What the core keeps about tasks beyond their messages and results. Safe on all threads; one core writes at a time.</summary>
internal interface IMetadataStore : IAsyncDisposable
{
    /// <summary>The history of tasks.</summary>
    ITaskHistory Tasks { get; }

    /// <summary>Workers seen.</summary>
    IWorkerDirectory Workers { get; }

    /// <summary>Idempotency keys of requests.</summary>
    IRequestKeys Requests { get; }

    /// <summary>Devices, rounds and votes.</summary>
    IEdgeStore Edge { get; }

    /// <summary>Functions and their versions.</summary>
    IFunctionStore Functions { get; }

    /// <summary>Checks that it answers and can be written to. Throws nothing; says what is wrong and what to do.</summary>
    ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken);
}
