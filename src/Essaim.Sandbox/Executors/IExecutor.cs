namespace Essaim.Sandbox;

/// <summary>A way of running users' programs on this machine.</summary>
internal interface IExecutor
{
    /// <summary><c>bubblewrap</c>, <c>container</c>, …</summary>
    string Name { get; }

    /// <summary>Tries whether its walls and limits hold. Who does not hold is not offered.</summary>
    ValueTask<ExecutorProof> ProveAsync(CancellationToken cancellationToken);

    /// <summary>Starts a run. It goes on when this process ends.</summary>
    /// <exception cref="SandboxException"><c>ESS6001</c> the executor does not work here; <c>ESS6002</c>, <c>ESS6003</c> the request is wrong.</exception>
    ValueTask<ISandboxRun> StartAsync(RunRequest request, CancellationToken cancellationToken);

    /// <summary>Finds a run this or another process has started; null where there is none.</summary>
    ISandboxRun? Find(string id);
}

/// <summary>An executor whose runs live in a folder of this machine, each held by a shim. Those of one folder share its runs and users.</summary>
internal interface IHeldExecutor : IExecutor
{
    /// <summary>Where.</summary>
    SandboxOptions Options { get; }

    /// <summary>What its runs need.</summary>
    Kit Kit { get; }

    /// <summary>The groups its runs, or its neighbours', are in.</summary>
    ControlGroups Groups { get; }

    /// <summary>Its clock.</summary>
    TimeProvider Time { get; }

    /// <summary>A folder a run.</summary>
    string RunsFolder { get; }
}

/// <summary>A run: watched, cancelled, waited for, and in the end removed. Safe on all threads.</summary>
internal interface ISandboxRun
{
    /// <summary>Its id.</summary>
    string Id { get; }

    /// <summary>What it says, from the beginning or from where somebody left off, until its end.</summary>
    /// <param name="offset"><see cref="RunText.Offset"/> of the last part already seen; 0 for all.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    IAsyncEnumerable<RunOutput> WatchAsync(long offset, CancellationToken cancellationToken);

    /// <summary>Says that it is wanted still; see <see cref="RunRequest.Patience"/>.</summary>
    void Keep();

    /// <summary>SIGTERM, and SIGKILL after the grace.</summary>
    void Cancel();

    /// <summary>SIGKILL at once.</summary>
    void Kill();

    /// <summary>Waits for its end and collects what it left.</summary>
    Task<RunEnd> WaitAsync(CancellationToken cancellationToken);

    /// <summary>Removes all of it; a run that goes on is killed first. Nothing stays.</summary>
    ValueTask RemoveAsync(CancellationToken cancellationToken);
}

/// <summary>What an executor's self-test found.</summary>
/// <param name="Executor">Its name.</param>
/// <param name="Holds">All of its walls hold.</param>
/// <param name="Missing">What does not, a sentence each, with what to do.</param>
/// <param name="Soft">Limits that are kept, but not by the kernel: they can be overshot for a moment.</param>
internal sealed record ExecutorProof(string Executor, bool Holds, IReadOnlyList<string> Missing, IReadOnlyList<string> Soft)
{
    /// <summary>What would make soft limits hard; null where nothing needs to be done.</summary>
    public string? Advice { get; init; }
}
