using Essaim.Protocol;

namespace Essaim;

/// <summary>What a worker has in hand: <c>active</c>, <c>reserved</c>, <c>scheduled</c>, <c>query_task</c>.</summary>
internal sealed class TaskInfoCommands(ControlledWorker worker)
{
    public void AddTo(ControlCommands commands)
    {
        commands.Add(arguments => List(running: true, arguments.GetFlag("safe")), "active", "dump_active");
        commands.Add(_ => List(running: false, safe: false), "reserved", "dump_reserved");
        // What comes before its time waits at the broker, for whichever worker is free then.
        commands.Add(_ => RawJson.EmptyArray, "scheduled", "dump_schedule");
        commands.Add(Query, "query_task");
    }

    private RawJson List(bool running, bool safe) =>
        RawJson.From(worker.Scheduler.GetTasks(running).Select(task => TaskInfo.Of(worker.Node, task, safe)).ToArray());

    private RawJson? Query(ControlArguments arguments)
    {
        HashSet<string> wanted = new(arguments.RequireTexts("ids"), StringComparer.Ordinal);
        HashSet<ReservedTask> running = [.. worker.Scheduler.GetTasks(running: true)];
        HashSet<ReservedTask> reserved = [.. worker.Scheduler.GetTasks(running: false)];
        Dictionary<string, object[]> found = new(StringComparer.Ordinal);
        foreach (ReservedTask task in worker.Ledger.Tasks.Where(task => wanted.Contains(task.Message.Id)))
        {
            string state = running.Contains(task) ? "active" : reserved.Contains(task) ? "reserved" : "ready";
            found[task.Message.Id] = [state, TaskInfo.Of(worker.Node, task, safe: false)];
        }

        return RawJson.From(found);
    }
}
