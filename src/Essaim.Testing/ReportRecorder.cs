using Essaim.Protocol;

namespace Essaim.Testing;

/// <summary>One line of a task's log.</summary>
/// <param name="Level"><c>info</c>, <c>warning</c>, …</param>
/// <param name="Text">The line.</param>
public sealed record TaskLogLine(string Level, string Text);

/// <summary>Remembers what a task reports.</summary>
internal sealed class ReportRecorder : IExecutionObserver
{
    private readonly Lock _gate = new();
    private readonly List<TaskProgress> _progress = [];
    private readonly List<TaskLogLine> _log = [];

    public IReadOnlyList<TaskProgress> Progress
    {
        get
        {
            lock (_gate)
                return [.. _progress];
        }
    }

    public IReadOnlyList<TaskLogLine> Log
    {
        get
        {
            lock (_gate)
                return [.. _log];
        }
    }

    public void OnProgress(double? fraction, string? text, RawJson data)
    {
        lock (_gate)
            _progress.Add(new TaskProgress(fraction, text, data));
    }

    public void OnLog(string level, string line)
    {
        lock (_gate)
            _log.Add(new TaskLogLine(level, line));
    }
}
