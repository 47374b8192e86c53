using System.Text;
using Essaim.Protocol;

namespace Essaim;

#pragma warning disable CA1001 // Not disposed: a late cancel frame may still hold the source, and without timers there is nothing to free.
/// <summary>The task a child runs now: its stop token, and its reports as frames.</summary>
internal sealed class ChildTask(long sequence, FrameWriter writer) : IExecutionObserver
{
    private readonly CancellationTokenSource _stop = new();
    private CancelReason _reason;

    /// <summary>The task that runs in this flow of control.</summary>
    public static AsyncLocal<ChildTask?> Current { get; } = new();

    public long Sequence => sequence;

    /// <summary>What it has printed of a line that is not complete, by stream.</summary>
    public Dictionary<string, StringBuilder> OpenLines { get; } = new(StringComparer.Ordinal);

    public CancellationToken Stop => _stop.Token;

    public CancelReason StopReason() => _reason;

    /// <summary>The first reason stands.</summary>
    public void Cancel(CancelReason reason)
    {
        if (_stop.IsCancellationRequested)
            return;
        _reason = reason;
        // Off this thread: what the task has registered on its token must not hold up the channel.
        _ = _stop.CancelAsync();
    }

    public void OnProgress(double? fraction, string? text, RawJson data) => writer.Write(new ProgressFrame(sequence, fraction, text, data));

    public void OnLog(string level, string line) => writer.Write(new LogFrame(sequence, level, line));
}
