using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Starts executors for slots, again and again, until it is clear that none will come up.</summary>
internal sealed class SlotOpener(
    Func<IExecutorListener, CancellationToken, Task<IExecutor>> start, Scheduler scheduler, Action<WorkerException> giveUp,
    TimeProvider time, Random random, ILogger logger)
{
    /// <summary>Starts in a row that may fail.</summary>
    public const int MostFailures = 3;

    private readonly Lock _gate = new();
    private int _failures;

    /// <summary>Opens an executor for <paramref name="slot"/>.</summary>
    public async Task OpenAsync(Slot slot, CancellationToken stop)
    {
        Backoff backoff = new(time, random);
        if (slot.EarlyDeaths >= MostFailures)
        {
            ChildStartException early = new($"The child process {slot.LastDeath?.Sentence} before it had taken a task.");
            giveUp(WorkerException.ChildrenDoNotStart(MostFailures, early));
            return;
        }

        while (!stop.IsCancellationRequested)
        {
            try
            {
                scheduler.Opened(slot, await start(slot, stop));
                lock (_gate)
                    _failures = 0;
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (WorkerException refusal)
            {
                giveUp(refusal);
                return;
            }
            catch (ChildStartException failure)
            {
                WorkerLog.ChildStartFails(logger, failure.Message);
                if (CountFailure() >= MostFailures)
                {
                    giveUp(WorkerException.ChildrenDoNotStart(MostFailures, failure));
                    return;
                }

                backoff.Fail();
                await backoff.WaitAsync(CancellationToken.None);
            }
        }
    }

    private int CountFailure()
    {
        lock (_gate)
            return ++_failures;
    }
}
