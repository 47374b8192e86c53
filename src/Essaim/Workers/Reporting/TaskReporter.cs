using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Hears everything worth telling about tasks and passes it on: events, passing states, log lines, counts. Waits for nothing.</summary>
internal sealed class TaskReporter(
    WorkerNode node, EventWriter writer, EventSender sender, StateRecorder recorder, TaskEventSwitch events, WorkerMetrics metrics, TimeProvider time, ILogger logger)
{
    private bool IsTold => events.IsOn && sender.IsHeard;

    public void Received(TaskMessage message)
    {
        if (IsTold)
            sender.Post(writer.Received(message));
    }

    public void Started(ReservedTask task)
    {
        node.Began(task.Message.Task);
        metrics.Started(task);
        if (IsTold)
            sender.Post(writer.Started(task.Message.Id));
        if (task.Definition.Options.TrackStarted && StateRecorder.Stores(task))
        {
            task.Reports.Begin();
            recorder.Post(task);
        }
    }

    public void Progress(ReservedTask task, double? fraction, string? text, RawJson data)
    {
        task.Reports.Progress(fraction, text, data);
        recorder.Post(task);
    }

    /// <summary>A log line; of no task where <paramref name="task"/> is null.</summary>
    public void Log(ReservedTask? task, string level, string line)
    {
        if (task is null)
        {
            WorkerLog.OutputBetweenTasks(logger, level, line);
            return;
        }

        LogBudget budget = task.Reports.Log ??= new LogBudget(time);
        if (!budget.TryPass(line, out long dropped))
            return;
        if (dropped > 0)
            WriteLog(task, "warning", Dropped(dropped));
        WriteLog(task, level, line);
    }

    /// <summary>A settled delivery's end. Called after the broker knows it.</summary>
    public void Ended(string id, TaskOutcome outcome)
    {
        if (IsTold && writer.Ended(id, outcome) is { } record)
            sender.Post(record);
    }

    /// <summary>What came of a run counts for nothing: its lease was lost, and another worker has the task, or will.</summary>
    public void Dropped(string id, string reason)
    {
        if (IsTold)
            sender.Post(writer.Dropped(id, reason));
    }

    /// <summary>The task runs no longer: what it dropped last is told.</summary>
    public void LogEnds(ReservedTask task)
    {
        if (task.Reports.Log?.TakeDropped() is > 0 and long dropped)
            WriteLog(task, "warning", Dropped(dropped));
    }

    private static string Dropped(long lines) => $"… {lines} lines dropped: the task logs more than 64 KiB a second";

    private void WriteLog(ReservedTask task, string level, string line)
    {
        WorkerLog.TaskOutput(logger, task.Message.Id, level, line);
        if (IsTold)
            sender.Post(writer.Log(task.Message.Id, level, line));
    }
}
