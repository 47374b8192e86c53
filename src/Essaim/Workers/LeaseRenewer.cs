using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Renews all leases at a third of their time, in one call. On a thread of its own, with a real clock: tasks that fill the thread
/// pool must not cost the worker its leases.
/// </summary>
internal sealed class LeaseRenewer(IBroker broker, Ledger ledger, Scheduler scheduler, TimeSpan lease, ILogger logger) : IDisposable
{
    // It does not spin: each turn would be a wake-up.
    private readonly ManualResetEventSlim _stop = new(false, spinCount: 0);
    private Thread? _thread;
    private bool _failing;

    public void Start()
    {
        _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "essaim lease renewer" };
        _thread.Start();
    }

    /// <summary>Renews once; a lease that was lost ends its task.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        ReservedTask[] tasks = [.. ledger.Tasks];
        if (tasks.Length == 0)
            return;
        IReadOnlyList<Lease?> renewed = await broker.RenewAsync([.. tasks.Select(task => task.Delivery.Lease)], lease, cancellationToken);
        for (int index = 0; index < tasks.Length; index++)
        {
            if (renewed[index] is { } held)
                tasks[index].Renewed(held);
            else if (ledger.Holds(tasks[index]))
                // Where it is not held any more it was settled meanwhile, and the lease went with it.
                scheduler.LoseLease(tasks[index]);
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _thread?.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.Wait(_failing ? lease / 12 : lease / 3))
        {
            try
            {
                RenewAsync(CancellationToken.None).GetAwaiter().GetResult();
                if (_failing)
                    WorkerLog.RenewsAgain(logger);
                _failing = false;
            }
            catch (Exception failure)
            {
                if (!_failing)
                    WorkerLog.RenewFails(logger, failure);
                _failing = true;
            }
        }
    }
}
