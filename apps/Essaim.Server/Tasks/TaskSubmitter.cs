using System.Globalization;
using Essaim.Protocol;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>Sends tasks and opens their records.</summary>
internal sealed class TaskSubmitter(TaskClient client, IBackend backend, IMetadataStore store, TaskSignals signals, TimeProvider time)
{
    /// <summary>Refuses ids that a task already has.</summary>
    /// <exception cref="ProblemException"><c>ESS5022</c>.</exception>
    public async ValueTask CheckIdsAsync(string tenant, IReadOnlyList<PreparedTask> tasks, CancellationToken cancellationToken)
    {
        List<Mistake> taken = [];
        for (int i = 0; i < tasks.Count; i++)
        {
            string id = tasks[i].Options.TaskId!;
            if (tasks[i].ChosenId && await IsKnownAsync(tenant, id, cancellationToken))
                taken.Add(new Mistake(tasks.Count == 1 ? "$.id" : string.Create(CultureInfo.InvariantCulture, $"$.tasks[{i}].id"), $"'{id}' is the id of a task that exists"));
        }

        if (taken.Count > 0)
            throw new ProblemException(Problem.Of(409, "ESS5022", "Id already used", "A task with this id exists. Leave the id out to get a new one, or send an Idempotency-Key to repeat a request safely.", taken));
    }

    /// <summary>Whether the history, the broker or the result store knows the id.</summary>
    public async ValueTask<bool> IsKnownAsync(string tenant, string id, CancellationToken cancellationToken) =>
        await store.Tasks.GetAsync(tenant, id, cancellationToken) is not null
        || await backend.Broker.FindAsync(id, cancellationToken) is not null
        || await backend.Results.GetAsync(id, cancellationToken) is not null;

    /// <summary>Sends all or none, then opens the records of those that were accepted.</summary>
    public async ValueTask<IReadOnlyList<TaskReceipt>> SubmitAsync(string tenant, IReadOnlyList<PreparedTask> tasks, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<TaskHandle> handles = await client.SendManyAsync([.. tasks.Select(task => task.Call)], cancellationToken);

        // From here the tasks exist: a client that hangs up must not keep their records from being made.
        List<TaskChange> changes = new(tasks.Count);
        for (int i = 0; i < tasks.Count; i++)
        {
            if (!handles[i].WasDuplicate)
                changes.Add(Describe(tenant, tasks[i], now));
        }

        IReadOnlyList<string> touched = await store.Tasks.RecordAsync(new HistoryBatch(changes, []), CancellationToken.None);
        signals.Announce(touched);
        return [.. tasks.Select((task, i) => new TaskReceipt(handles[i].Id, task.Call.Name, task.Options.Queue!, !handles[i].WasDuplicate))];
    }

    private static TaskChange Describe(string tenant, PreparedTask task, DateTimeOffset now) => new()
    {
        TaskId = task.Options.TaskId!,
        Tenant = tenant,
        At = now,
        State = TaskState.Pending,
        SubmittedAt = now,
        Name = task.Call.Name,
        Queue = task.Options.Queue,
        Priority = task.Options.Priority ?? 0,
        Args = PythonRepr.WriteArgs(task.Args),
        Kwargs = PythonRepr.Write(task.Kwargs),
        Eta = task.Options.Eta ?? (now + task.Options.Countdown),
        RootId = task.Options.TaskId,
        Function = task.Function ?? FunctionMention.Find(task.Call.Name, task.Kwargs),
    };
}
