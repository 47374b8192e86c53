namespace Essaim;

/// <summary>
/// A wake-up for one waiter that is not lost when nobody waits: setting it before the wait ends that wait at once.
/// Continuations never run on the setter's thread, unless <c>goesOnHere</c> is set.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="goesOnHere">The waiter goes on on the thread that sets it: for setters that can spare one, and waiters that soon await again.</param>
internal sealed class Latch(TimeProvider time, bool goesOnHere = false)
{
    private readonly TaskCreationOptions _how = goesOnHere ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiter;
    private bool _set;

    /// <summary>Wakes the waiter, or the next one.</summary>
    public void Set()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            waiter = _waiter;
            _waiter = null;
            _set = waiter is null;
        }

        waiter?.TrySetResult();
    }

    /// <summary>Waits until set, or until <paramref name="atMost"/> has passed.</summary>
    public async ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource waiter = new(_how);
        lock (_gate)
        {
            if (_set)
            {
                _set = false;
                return;
            }

            _waiter = waiter;
        }

        try
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiter);
            using ITimer? timer = atMost == Timeout.InfiniteTimeSpan
                ? null
                : time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), waiter, Clamp(atMost), Timeout.InfiniteTimeSpan);
            await waiter.Task;
        }
        finally
        {
            lock (_gate)
            {
                // A waiter that gave up must not swallow the next wake-up.
                if (_waiter == waiter)
                    _waiter = null;
            }
        }
    }

    // Timers refuse what is negative or longer than 49 days; a spurious wake-up after a day is allowed.
    private static TimeSpan Clamp(TimeSpan wait) =>
        wait <= TimeSpan.Zero ? TimeSpan.Zero : wait > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : wait;
}
