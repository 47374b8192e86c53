using Essaim.Protocol;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>Closes the records of tasks whose messages a purge removed. The broker only counts them, so each waiting one is looked up.</summary>
internal sealed class PurgedTasks(IBackend backend, IMetadataStore store, TaskSignals signals, TimeProvider time)
{
    private const int Page = 500;

    public async ValueTask RecordAsync(string queue, CancellationToken cancellationToken)
    {
        TaskQuery query = new() { Queue = queue, States = [TaskState.Pending.Name, TaskState.Retry.Name], Limit = Page };
        do
        {
            TaskPage page = await store.Tasks.ListAsync(query, cancellationToken);
            List<TaskChange> gone = [];
            foreach (TaskRecord task in page.Tasks)
            {
                // One that has just ended is gone as well; the completion feed corrects its record when it comes.
                if (await backend.Broker.FindAsync(task.Id, cancellationToken) is null)
                    gone.Add(new TaskChange { TaskId = task.Id, Tenant = task.Tenant, At = time.GetUtcNow(), State = TaskState.Revoked, Error = "Purged from its queue." });
            }

            if (gone.Count > 0)
                signals.Announce(await store.Tasks.RecordAsync(new HistoryBatch(gone, []), cancellationToken));
            query = query with { After = page.Next };
        }
        while (query.After is not null);
    }
}
