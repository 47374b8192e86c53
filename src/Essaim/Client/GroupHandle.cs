using Essaim.Protocol;

namespace Essaim;

/// <summary>A group that was sent.</summary>
public sealed class GroupHandle : CanvasHandle
{
    internal GroupHandle(TaskClient client, string id, IReadOnlyList<CanvasHandle> members, CanvasHandle? parent)
        : base(client, id, parent) => Members = members;

    /// <summary>Its members, in order: tasks, or groups a member ends in.</summary>
    public IReadOnlyList<CanvasHandle> Members { get; }

    /// <summary>How many of its tasks have ended, whichever way.</summary>
    public async Task<int> CountReadyAsync(CancellationToken cancellationToken = default)
    {
        IBackend backend = await Client.GetBackendAsync(cancellationToken);
        IReadOnlyList<ResultDocument?> documents = await backend.Results.GetManyAsync([.. Tasks().Select(task => task.Id)], cancellationToken);
        return documents.Count(document => document is { State.IsReady: true });
    }

    /// <summary>Revokes every task of it; see <see cref="TaskClient.RevokeAsync"/>.</summary>
    /// <param name="terminate">True: running ones are ended, too.</param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    public Task RevokeAsync(bool terminate = false, CancellationToken cancellationToken = default) =>
        Client.RevokeAsync([.. Tasks().Select(task => task.Id)], terminate, cancellationToken);

    private protected override async ValueTask<RawJson> GetRawResultAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        RawJson[] results = new RawJson[Members.Count];
        for (int i = 0; i < results.Length; i++)
            results[i] = await Members[i].GetRawAsync(deadline, cancellationToken);
        return JsonList.Of(results);
    }

    private IEnumerable<CanvasHandle> Tasks() => Members.SelectMany(member => member is GroupHandle group ? group.Tasks() : [member]);
}
