using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Claims as much as can begin soon, and hands to the <see cref="Scheduler"/> what may run.</summary>
internal sealed class Intake(
    IBroker broker, WorkerOptions options, ConsumedQueues queues, ClaimPlanner planner, Admission admission, WorkerNode node, MessageInspector inspector,
    Scheduler scheduler, Settler settler, WorkerMetrics metrics, Wake demand, TimeProvider time, Random random, ILogger logger)
{
    // Also the age a healthy, idle worker's last claim may reach.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);
    private readonly Backoff _backoff = new(time, random);
    private readonly Lock _gate = new();
    private CancellationTokenSource? _waits;
    private CancellationTokenSource? _claims;
    private long _wantingSince;

    /// <summary>Set when the last claim gave all that was asked for: more may be waiting.</summary>
    public bool SawMore { get; private set; }

    /// <summary>How long the worker has wanted to claim and the broker has not answered; zero where it does not want to, or waits after a failure.</summary>
    public TimeSpan Unanswered
    {
        get
        {
            if (Interlocked.Read(ref _wantingSince) is not (not 0 and var since))
                return TimeSpan.Zero;
            TimeSpan wanting = time.GetElapsedTime(since);
            return wanting < node.ClaimAge ? wanting : node.ClaimAge;
        }
    }

    /// <summary>Listens anew, on the queues there are now. A claim under way is not cut short: what it took would be lost until its lease runs out.</summary>
    public void ListenAnew()
    {
        lock (_gate)
            _ = _waits?.CancelAsync();
    }

    /// <summary>Gives up the claim under way, too: for the watchdog, when the broker has not answered for long.</summary>
    public void StartAnew()
    {
        // The next try has its own time.
        SetWanting(false);
        lock (_gate)
        {
            _ = _claims?.CancelAsync();
            _ = _waits?.CancelAsync();
        }
    }

    /// <summary>Claims until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using CancellationTokenSource waits = CancellationTokenSource.CreateLinkedTokenSource(stop);
            using CancellationTokenSource claims = new();
            SetTurn(waits, claims);
            try
            {
                await ListenAndClaimAsync(waits.Token, claims.Token);
            }
            catch (OperationCanceledException) when (waits.IsCancellationRequested || claims.IsCancellationRequested)
            {
                // The worker stops, or what it listens to is made anew.
            }
            catch (Exception failure)
            {
                if (_backoff.Fail())
                    WorkerLog.ClaimFails(logger, failure);
                SetWanting(false);
                await _backoff.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                SetTurn(null, null);
            }
        }
    }

    private async Task ListenAndClaimAsync(CancellationToken stop, CancellationToken giveUp)
    {
        IReadOnlyList<string> names = queues.Claimed;
        if (names.Count == 0)
        {
            SetWanting(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        }

        SetWanting(scheduler.Want() > 0);
        IWorkSignal signal = await broker.ListenAsync(names, stop);
        try
        {
            await ClaimAsync(signal, names, stop, giveUp);
        }
        finally
        {
            ValueTask closing = signal.DisposeAsync();
            // A transport that hangs must not hang the worker, too.
            if (giveUp.IsCancellationRequested)
                _ = closing.AsTask();
            else
                await closing;
        }
    }

    private async Task ClaimAsync(IWorkSignal signal, IReadOnlyList<string> names, CancellationToken stop, CancellationToken giveUp)
    {
        while (!stop.IsCancellationRequested)
        {
            int want = settler.IsFarBehind ? 0 : scheduler.Want();
            bool sharedOnly = want == 0 && !settler.IsFarBehind && (want = scheduler.WantShared()) > 0;
            IReadOnlyList<QueueClaim> from = want > 0 ? planner.Plan(names, sharedOnly) : [];
            if (from.Count == 0)
                want = 0;
            SetWanting(want > 0);
            if (want == 0)
            {
                await demand.WaitAsync(stop);
                continue;
            }

            ClaimRequest request = new() { Worker = node.Name, Queues = from, Max = want, LeaseDuration = options.Lease };
            ClaimResult result = await AskAsync(broker.ClaimAsync(request, giveUp), giveUp);
            node.Claimed();
            metrics.Claimed(result.Deliveries);
            if (_backoff.Succeed())
                WorkerLog.ClaimsAgain(logger);
            planner.Learn(result.Deliveries);
            SawMore = result.Deliveries.Count >= want;
            if (result.Deliveries.Count > 0)
                scheduler.Accept(await admission.AdmitAsync(inspector.Inspect(result.Deliveries), giveUp));
            else
            {
                queues.FoundNothing();
                await WaitAsync(signal, SleepUntil(result.NextDue), sharedOnly, stop);
            }
        }
    }

    /// <summary>Until the broker has something, or, where this worker's own tasks stood in the way, until one of them ends.</summary>
    private async ValueTask WaitAsync(IWorkSignal signal, TimeSpan atMost, bool sharedOnly, CancellationToken stop)
    {
        if (!planner.IsBounded && !sharedOnly)
        {
            await signal.WaitAsync(atMost, stop);
            return;
        }

        using CancellationTokenSource other = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task signalled = signal.WaitAsync(atMost, other.Token).AsTask();
        Task wanted = demand.WaitAsync(other.Token).AsTask();
        await Task.WhenAny(signalled, wanted);
        await other.CancelAsync();
        await Task.WhenAll(signalled, wanted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }

    private async ValueTask<ClaimResult> AskAsync(ValueTask<ClaimResult> claim, CancellationToken giveUp)
    {
        if (claim.IsCompleted)
            return await claim;
        Task<ClaimResult> answer = claim.AsTask();
        try
        {
            return await answer.WaitAsync(giveUp);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            _ = GiveBackAsync(answer);
            throw;
        }
    }

    /// <summary>What a claim that was given up took after all goes back.</summary>
    private async Task GiveBackAsync(Task<ClaimResult> late)
    {
        await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!late.IsCompletedSuccessfully)
            return;
        foreach (Delivery delivery in (await late).Deliveries)
            settler.Refuse(new Settlement { Lease = delivery.Lease, Action = SettleAction.Release }, null, null);
    }

    private void SetTurn(CancellationTokenSource? waits, CancellationTokenSource? claims)
    {
        lock (_gate)
            (_waits, _claims) = (waits, claims);
    }

    private void SetWanting(bool wanting)
    {
        if (!wanting)
            Interlocked.Exchange(ref _wantingSince, 0);
        else if (Interlocked.Read(ref _wantingSince) == 0)
            Interlocked.Exchange(ref _wantingSince, Math.Max(1, time.GetTimestamp()));
    }

    private TimeSpan SleepUntil(DateTimeOffset? due)
    {
        TimeSpan beat = Rhythm.UntilNext(LongestSleep, time);
        TimeSpan longest = beat < LongestSleep ? beat : LongestSleep;
        TimeSpan sleep = due is { } at ? at - time.GetUtcNow() : longest;
        return sleep < ShortestSleep ? ShortestSleep : sleep < longest ? sleep : longest;
    }
}
