namespace Essaim.Redis;

/// <summary>
/// Listeners Redis has not confirmed yet. Whoever sends through the same bus waits for them, so that what is sent after the call
/// that began to listen is heard. Safe on all threads.
/// </summary>
internal sealed class StartingListeners
{
    private readonly Lock _gate = new();
    private readonly List<Task> _starting = [];
    private volatile bool _any;

    public void Add(Task starting)
    {
        lock (_gate)
        {
            _starting.RemoveAll(task => task.IsCompleted);
            _starting.Add(starting);
            _any = true;
        }
    }

    public ValueTask WaitAsync(CancellationToken cancellationToken) => _any ? WaitForAllAsync(cancellationToken) : ValueTask.CompletedTask;

    private async ValueTask WaitForAllAsync(CancellationToken cancellationToken)
    {
        Task[] starting;
        lock (_gate)
            starting = [.. _starting];
        // One that fails tells its own caller; the sender goes on.
        foreach (Task task in starting)
            await task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            _starting.RemoveAll(task => task.IsCompleted);
            _any = _starting.Count > 0;
        }
    }
}
