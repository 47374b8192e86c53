namespace Essaim.Sandbox;

/// <summary>
/// The bubblewrap executor, with a pool before it: a run begins in a warm sandbox where one waits that fits it, else cold, and what was used is
/// made up for afterwards. Safe on all threads.
/// </summary>
/// <param name="executor">Starts runs cold.</param>
/// <param name="plan">How many are to wait.</param>
internal sealed class WarmExecutor(BubblewrapExecutor executor, WarmPlan plan) : IExecutor
{
    private int _asked;

    /// <inheritdoc />
    public string Name => executor.Name;

    /// <summary>Others are made for those that are taken. Default: true.</summary>
    public bool Refills { get; init; } = true;

    /// <summary>The slots.</summary>
    public WarmPool Pool { get; } = new(executor);

    /// <summary>The filling that goes on, or the last one.</summary>
    internal Task Filling { get; private set; } = Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask<ExecutorProof> ProveAsync(CancellationToken cancellationToken) => executor.ProveAsync(cancellationToken);

    /// <inheritdoc />
    public ISandboxRun? Find(string id) => executor.Find(id);

    /// <inheritdoc />
    public async ValueTask<ISandboxRun> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        request.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        if (plan.IsOff || !WarmPool.Fits(request))
            return await executor.StartAsync(request, cancellationToken);
        WarmEnvironment environment = WarmEnvironment.Of(request);
        ISandboxRun run = Pool.TryTake(environment, request) ?? await executor.StartAsync(request, cancellationToken);
        if (Refills)
        {
            Pool.UsesOf(environment).Note();
            Refill();
        }

        return run;
    }

    /// <summary>Sees to it that as many wait as should. Faults are the pool's own: runs start cold.</summary>
    /// <exception cref="SandboxException"><c>ESS6052</c> none can be made.</exception>
    public Task FillAsync(WarmEnvironment environment, CancellationToken cancellationToken) => Pool.HasFailedLately(environment)
        ? Task.CompletedTask
        : Pool.FillAsync(environment, () => Wanted(environment), cancellationToken);

    private int Wanted(WarmEnvironment environment)
    {
        (long total, long available) = MemoryOfMachine.Read();
        return WarmPlan.HasRoom(total, available) ? plan.Wanted(environment, Pool.UsesOf(environment).MostTogether(), total, Environment.ProcessorCount) : 0;
    }

    private void Refill()
    {
        // One at once: whoever comes meanwhile has it look again.
        if (Interlocked.Increment(ref _asked) == 1)
            Filling = Task.Run(RefillAsync);
    }

    private async Task RefillAsync()
    {
        for (int asked = 0; Interlocked.CompareExchange(ref _asked, 0, asked) != asked;)
        {
            asked = Volatile.Read(ref _asked);
            try
            {
                foreach (WarmEnvironment environment in WarmEnvironment.All)
                    await FillAsync(environment, CancellationToken.None);
            }
            catch (Exception fault) when (fault is SandboxException or IOException or UnauthorizedAccessException)
            {
                // It is written beside the slots; nothing of a run hangs on it.
            }
        }
    }
}
