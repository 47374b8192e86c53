using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Essaim.Sandbox;

/// <summary>One run: a folder, its groups and a shim, started here or found.</summary>
internal sealed class BubblewrapRun(BubblewrapExecutor executor, RunFolder folder, RunGroup group, Process? shim) : ISandboxRun
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private Task<RunEnd>? _end;

    /// <inheritdoc />
    public string Id => folder.Id;

    internal string RunFolder => folder.Path;

    internal int ShimProcess => folder.ShimProcess;

    /// <inheritdoc />
    public async IAsyncEnumerable<RunOutput> WatchAsync(long offset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LogReader log = new(folder.Log, offset);
        EventReader events = new(folder.Events);
        long began = executor.Time.GetTimestamp();
        for (bool last = false; ; last = HasEnded())
        {
            bool any = false;
            foreach (RunOutput output in log.Read().Concat(events.Read().Select(RunEvent.ToOutput).OfType<RunOutput>()))
            {
                any = true;
                yield return output;
            }

            if (last)
                break;
            await WaitForEndAsync(PauseSince(began, any ? Quick : Slow), cancellationToken);
        }

        ShimExit? exit = ShimExit.TryRead(folder.Exit);
        LogReader tail = new(folder.LogTail, 0);
        RunText[] end = [.. tail.Read().OfType<RunText>()];
        if (exit is not null && exit.LogBytes - exit.LogKept - end.Sum(part => part.Bytes.Length) is > 0 and var gap)
            yield return new RunGap(gap);
        foreach (RunText part in end)
            yield return part with { Offset = log.Offset };
    }

    /// <inheritdoc />
    public void Keep() => folder.Touch();

    /// <inheritdoc />
    public void Cancel() => Signal(Posix.SigUser1);

    /// <inheritdoc />
    public void Kill() => Signal(Posix.SigUser2);

    /// <inheritdoc />
    public async Task<RunEnd> WaitAsync(CancellationToken cancellationToken)
    {
        await WaitForShimAsync(cancellationToken);
        Task<RunEnd> end;
        lock (_gate)
        {
            // Collected once, however many wait; who stops waiting does not stop it for the others.
            if (_end is null || _end.IsFaulted)
                _end = new RunCollector(executor.Kit, folder, group).CollectAsync(CancellationToken.None);
            end = _end;
        }

        return await end.WaitAsync(cancellationToken);
    }

    /// <summary>Waits for its end only.</summary>
    internal async Task WaitForShimAsync(CancellationToken cancellationToken)
    {
        long began = executor.Time.GetTimestamp();
        while (!HasEnded())
            await WaitForEndAsync(PauseSince(began, Slow), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask RemoveAsync(CancellationToken cancellationToken)
    {
        while (!HasEnded())
        {
            Kill();
            await WaitForEndAsync(Slow, cancellationToken);
        }

        while (!group.TryRemove())
        {
            group.Kill();
            await Task.Delay(Quick, executor.Time, cancellationToken);
        }

        if (!await ShimProgram.RemoveAsync(executor.Kit, folder.Path, cancellationToken))
            throw new IOException($"The folder of the run {Id} cannot be removed: {folder.Path}. Remove it by hand.");
        shim?.Dispose();
    }

    /// <summary>The shim has ended; so has all that was below it, or it will at once.</summary>
    private bool HasEnded()
    {
        if (shim is not null)
            return shim.HasExited;
        if (folder.IsHeld)
            return false;
        // Found between its making and the shim's first act.
        return File.Exists(folder.Exit) || folder.ShimProcess != 0 || executor.Time.GetUtcNow() - folder.ReadFacts().Started > StartPatience;
    }

    /// <summary>Runs of milliseconds are not waited for longer than they take.</summary>
    private TimeSpan PauseSince(long began, TimeSpan most)
    {
        TimeSpan pause = executor.Time.GetElapsedTime(began) / 4;
        return pause < Instant ? Instant : pause > most ? most : pause;
    }

    private async Task WaitForEndAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        Task pause = Task.Delay(atMost, executor.Time, cancellationToken);
        if (shim is null)
            await pause;
        else
            await Task.WhenAny(pause, shim.WaitForExitAsync(cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Signal(int signal)
    {
        // Its number is the shim's for as long as the lock is held.
        if (shim is { HasExited: false } || folder.IsHeld)
            Posix.Kill(folder.ShimProcess is > 0 and var id ? id : shim?.Id ?? 0, signal);
    }
}
