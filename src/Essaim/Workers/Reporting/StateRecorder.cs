using System.Collections.Concurrent;
using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Stores passing states, STARTED and PROGRESS, and announces progress: at once, then at most five times a second and task. The last
/// progress of a task is stored before the task is settled.
/// </summary>
internal sealed class StateRecorder(
    IResultStore results, WorkerNode node, EventWriter writer, EventSender sender, TaskEventSwitch events, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<ReservedTask, bool> _dirty = new();
    private readonly Wake _wake = new();
    private bool _failing;

    /// <summary>False where the task's results are not wanted.</summary>
    public static bool Stores(ReservedTask task) => !(task.Message.IgnoreResult ?? task.Definition.Options.IgnoreResult);

    /// <summary>Notes that a task has something to be passed on.</summary>
    public void Post(ReservedTask task)
    {
        if (_dirty.TryAdd(task, true))
            _wake.Signal();
    }

    /// <summary>Passes on until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(stop);
                foreach (ReservedTask task in _dirty.Keys)
                {
                    _dirty.TryRemove(task, out _);
                    if (!task.Ended)
                        await FlushAsync(task);
                }

                await Task.Delay(Period, time, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Each task's last progress is flushed by the settler.
        }
    }

    /// <summary>Passes on what the task has reported since the last time; on return nothing of it is still on its way.</summary>
    public async ValueTask FlushAsync(ReservedTask task)
    {
        (double? Fraction, string? Text, RawJson Data)? progress;
        while (!task.Reports.TryTake(out progress, out Task? busy))
        {
            if (busy is null)
                return;
            await busy;
        }

        try
        {
            await PassOnAsync(task, progress);
        }
        finally
        {
            task.Reports.Passed();
        }
    }

    private async ValueTask PassOnAsync(ReservedTask task, (double? Fraction, string? Text, RawJson Data)? progress)
    {
        if (progress is var (fraction, text, data) && events.IsOn)
            sender.Post(writer.Progress(task.Message.Id, fraction, text, data));
        if (!Stores(task))
            return;
        ResultDocument document = new()
        {
            TaskId = task.Message.Id,
            State = progress is null ? TaskState.Started : TaskState.Progress,
            Result = progress is { } told ? new TaskProgress(told.Fraction, told.Text, told.Data).Encode() : StartedFacts(task),
            GroupId = task.Message.GroupId,
            ParentId = task.Message.ParentId,
        };
        try
        {
            ResultWrite write = new(document.TaskId, document.State, document.Encode(), task.Definition.Options.ResultExpires);
            await results.SetAsync(write, CancellationToken.None);
            _failing = false;
        }
        catch (Exception failure)
        {
            // A passing state is worth less than the task: the next one tries again.
            if (!_failing)
                WorkerLog.StatesFail(logger, failure);
            _failing = true;
        }
    }

    private RawJson StartedFacts(ReservedTask task) =>
        RawJson.From(new Dictionary<string, object> { ["pid"] = task.ProcessId, ["hostname"] = node.Name });
}
