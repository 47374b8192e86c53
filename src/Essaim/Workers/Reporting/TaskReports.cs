using Essaim.Protocol;

namespace Essaim;

/// <summary>What one running task has reported and what of it is still to be passed on. Safe on all threads.</summary>
internal sealed class TaskReports
{
    private readonly Lock _gate = new();
    private bool _started;
    private (double? Fraction, string? Text, RawJson Data)? _progress;
    private TaskCompletionSource? _passing;

    /// <summary>Set on the first log line of the task.</summary>
    public LogBudget? Log { get; set; }

    /// <summary>Notes that STARTED is to be stored.</summary>
    public void Begin()
    {
        lock (_gate)
            _started = true;
    }

    /// <summary>Notes progress; what was not passed on yet is replaced.</summary>
    public void Progress(double? fraction, string? text, RawJson data)
    {
        lock (_gate)
            _progress = (fraction, text, data);
    }

    /// <summary>
    /// Takes what is to be passed on: progress stands for STARTED too. One taker at a time, until it calls <see cref="Passed"/>: false with
    /// <paramref name="busy"/> where another is at it, false without where there is nothing.
    /// </summary>
    public bool TryTake(out (double? Fraction, string? Text, RawJson Data)? progress, out Task? busy)
    {
        lock (_gate)
        {
            progress = null;
            busy = _passing?.Task;
            if (busy is not null || (_progress is null && !_started))
                return false;
            progress = _progress;
            _started = false;
            _progress = null;
            _passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <summary>What was taken has been passed on.</summary>
    public void Passed()
    {
        lock (_gate)
        {
            _passing?.SetResult();
            _passing = null;
        }
    }

    /// <summary>True where progress waits to be passed on, or is being passed on.</summary>
    public bool HasProgress
    {
        get
        {
            lock (_gate)
                return _progress is not null || _passing is not null;
        }
    }
}
