using System.Text;
using Essaim.Sandbox;
using Microsoft.Extensions.Logging;

namespace Essaim.Cli;

/// <summary>
/// Keeps what a run says in the broker, in batches of 200 ms or 16 KiB. Each batch notes how far the run's own log was read: the next worker goes
/// on just there. Where another run of the task has begun since, it keeps nothing more.
/// </summary>
internal sealed partial class FunctionLog : IAsyncDisposable
{
    private const int BatchBytes = 16 * 1024;
    private const int MostTries = 60;
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);
    private readonly ITaskLogStore? _store;
    private readonly string _taskId;
    private readonly TimeSpan _keep;
    private readonly long _limit;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Lock _gate = new();
    private readonly ITimer _batchTimer;
    private readonly ITimer _keepTimer;
    private List<(TaskLogPiece? Piece, RunMark After)> _pending = [];
    // The last lines of a log that was cut have no places of their own: they go in at the end, at once.
    private readonly List<TaskLogPiece> _end = [];
    private int _pendingBytes;
    private RunMark _read;
    private RunMark _written;
    private bool _closed;
    private int _said;

    private FunctionLog(ITaskLogStore? store, string taskId, TimeSpan keep, long limit, TimeProvider time, ILogger logger, RunMark mark)
    {
        (_store, _taskId, _keep, _limit, _time, _logger) = (store, taskId, keep, limit, time, logger);
        (_read, _written, _closed) = (mark, mark, store is null);
        TimeSpan refresh = TimeSpan.FromTicks(Math.Clamp(keep.Ticks / 4, TimeSpan.TicksPerSecond, TimeSpan.TicksPerHour));
        _batchTimer = time.CreateTimer(_ => _ = FlushAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _keepTimer = time.CreateTimer(_ => _ = FlushAsync(always: true), null, refresh, refresh);
    }

    /// <summary>From where on the run's own log has to be read.</summary>
    public long Offset => _read.At;

    /// <summary>Begins, or goes on.</summary>
    /// <param name="store">Where; null: nowhere.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="found">The run is one that goes on on this machine.</param>
    /// <param name="keep">How long it is kept.</param>
    /// <param name="limit">Bytes of one run that are kept.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">For what cannot be kept.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<FunctionLog> BeginAsync(
        ITaskLogStore? store, string taskId, bool found, TimeSpan keep, long limit, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        RunMark mark = new() { Run = Guid.NewGuid().ToString("N"), Machine = Environment.MachineName };
        try
        {
            while (store is not null)
            {
                TaskLogState? state = await store.FindAsync(taskId, cancellationToken);
                if (found && RunMark.Parse(state?.Mark) is { } known && known.Machine == mark.Machine)
                    return new FunctionLog(store, taskId, keep, limit, time, logger, known);
                TaskLogPiece[] again = state is { Length: > 0 } ? [Note(time, "… it is run again: its worker was lost, or it is another attempt …")] : [];
                TaskLogAppend begin = new(taskId, state?.Mark, mark.Encode(), keep) { Pieces = again };
                if (await store.AppendAsync(begin, cancellationToken) == begin.Mark)
                    break;
            }
        }
        catch (EssaimException fault)
        {
            LogNotKept(logger, taskId, fault.Message);
            store = null;
        }

        return new FunctionLog(store, taskId, keep, limit, time, logger, mark);
    }

    /// <summary>Takes what the run said; waits where more than a batch is on its way.</summary>
    public async ValueTask AddAsync(RunOutput output)
    {
        bool full;
        lock (_gate)
        {
            if (_closed || _read.Whole)
                return;
            Take(output);
            full = _pendingBytes >= BatchBytes;
            if (!full && _pending.Count > 0)
                _batchTimer.Change(BatchTime, Timeout.InfiniteTimeSpan);
        }

        if (full)
            await FlushAsync();
    }

    /// <summary>Writes a line about the run.</summary>
    public void Say(string line)
    {
        lock (_gate)
            Add(Note(_time, line), _read);
    }

    /// <summary>All of it has been read: writes the rest, and where the list of what the run left is.</summary>
    public async Task EndAsync(string? left)
    {
        lock (_gate)
        {
            bool again = _read.Whole;
            _read = _read with { Whole = true, Left = left };
            foreach (TaskLogPiece piece in again ? [] : _end)
                _pending.Add((piece, _read));
        }

        await FlushAsync(always: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _batchTimer.DisposeAsync();
        await _keepTimer.DisposeAsync();
        await FlushAsync();
        _writing.Dispose();
    }

    private void Take(RunOutput output)
    {
        switch (output)
        {
            case RunText text when text.Offset == _read.At:
                _end.Add(PieceOf(text));
                break;
            case RunText text:
                Add(PieceOf(text), _read with { At = text.Offset });
                break;
            case RunGap gap:
                _end.Add(Note(_time, $"… {gap.Bytes} bytes of the log were not kept …"));
                break;
            case RunLogLine line when ++_said > _read.Said:
                Add(Note(_time, $"{line.Level}: {line.Text}"), _read with { Said = _said });
                break;
            case RunAdvice advice when ++_said > _read.Said:
                Add(Note(_time, string.Join('\n', advice.Findings.Select(finding => $"note: line {finding.Line}: {finding.Message}"))), _read with { Said = _said });
                break;
        }
    }

    private void Add(TaskLogPiece piece, RunMark after)
    {
        bool isFirstTooMany = after.Kept <= _limit && after.Kept + piece.Bytes.Length > _limit;
        TaskLogPiece? kept = isFirstTooMany ? Note(_time, "… what it says from here on is not kept …") : after.Kept > _limit ? null : piece;
        _read = after with { Kept = after.Kept + piece.Bytes.Length };
        _pending.Add((kept, _read));
        _pendingBytes += kept?.Bytes.Length ?? 0;
    }

    private TaskLogPiece PieceOf(RunText text) => new(text.IsError ? TaskLogSource.Error : TaskLogSource.Output, _time.GetUtcNow(), text.Bytes);

    private static TaskLogPiece Note(TimeProvider time, string line) => new(TaskLogSource.Note, time.GetUtcNow(), Encoding.UTF8.GetBytes(line + "\n"));

    private async Task FlushAsync(bool always = false)
    {
        await _writing.WaitAsync();
        try
        {
            List<(TaskLogPiece? Piece, RunMark After)> batch;
            RunMark mark;
            lock (_gate)
            {
                if (_closed || (_pending.Count == 0 && !always))
                    return;
                (batch, _pending, _pendingBytes) = (_pending, [], 0);
                mark = _read;
            }

            await WriteAsync(batch, mark);
        }
        catch (Exception fault) when (fault is EssaimException or ObjectDisposedException)
        {
            LogNotKept(_logger, _taskId, fault.Message);
            lock (_gate)
                _closed = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task WriteAsync(List<(TaskLogPiece? Piece, RunMark After)> batch, RunMark mark)
    {
        for (int failures = 0; ;)
        {
            RunMark next = mark with { Number = _written.Number + 1 };
            TaskLogAppend append = new(_taskId, _written.Encode(), next.Encode(), _keep) { Pieces = [.. LogBatch.Merge(batch.Select(one => one.Piece).OfType<TaskLogPiece>())] };
            try
            {
                string? now = await _store!.AppendAsync(append, CancellationToken.None);
                if (now == append.Mark)
                {
                    _written = next;
                    return;
                }

                if (RunMark.Parse(now) is not { } other || other.Run != mark.Run)
                {
                    // Another run of the task has begun: the log is its own.
                    lock (_gate)
                        _closed = true;
                    return;
                }

                // Another worker follows the same run: what it has written is not written again.
                _written = other;
                batch.RemoveAll(one => other.Whole || (!one.After.Whole && one.After.At <= other.At && one.After.Said <= other.Said));
                mark = mark with { At = Math.Max(mark.At, other.At), Said = Math.Max(mark.Said, other.Said), Kept = Math.Max(mark.Kept, other.Kept) };
            }
            catch (EssaimException away) when (away.MayPass && ++failures < MostTries)
            {
                await Task.Delay(BetweenTries, _time, CancellationToken.None);
            }
        }
    }

    [LoggerMessage(7031, LogLevel.Warning, "The log of task {TaskId} is not kept: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string taskId, string reason);
}
