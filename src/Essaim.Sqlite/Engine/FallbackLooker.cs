namespace Essaim.Sqlite;

/// <summary>
/// Looks every six seconds, while somebody waits, whether another process changed the file: for bells that were not heard. The writer's own
/// connection tells, because it alone does not count what this process wrote. Safe on all threads.
/// </summary>
internal sealed class FallbackLooker : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(6);
    private readonly Writer _writer;
    private readonly Func<bool> _somebodyWaits;
    private readonly Action _changed;
    private readonly ITimer _timer;
    private long? _seen;
    private int _looking;

    public FallbackLooker(Writer writer, TimeProvider time, Func<bool> somebodyWaits, Action changed)
    {
        _writer = writer;
        _somebodyWaits = somebodyWaits;
        _changed = changed;
        _timer = time.CreateTimer(_ => _ = LookAsync(), null, Rhythm.UntilNext(Every, time), Every);
    }

    public void Dispose() => _timer.Dispose();

    private async Task LookAsync()
    {
        if (!_somebodyWaits() || Interlocked.Exchange(ref _looking, 1) == 1)
            return;
        try
        {
            long? version = await _writer.RunAsync(static step => step.Db.Use("PRAGMA data_version").ReadNumber(), durable: false, CancellationToken.None);
            if (version == _seen)
                return;
            _seen = version;
            _changed();
        }
        catch (BackendException)
        {
            // Whoever uses the file next hears what is wrong with it.
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }
}
