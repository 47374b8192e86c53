using Essaim.Protocol;

namespace Essaim;

/// <summary>A group that was sent.</summary>
public sealed class GroupHandle : CanvasHandle
{
    private const int ReadAtOnce = 500;
    private const int RefreshEvery = 16;

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
        // Many at a time are read as they stand; only those that have not ended are waited for.
        RawJson[] results = new RawJson[Members.Count];
        for (int start = 0; start < results.Length; start += ReadAtOnce)
        {
            CanvasHandle[] members = [.. Members.Skip(start).Take(ReadAtOnce)];
            IReadOnlyList<ResultDocument?> known = await ReadAsync(members, cancellationToken);
            int waits = 0;
            for (int i = 0; i < members.Length; i++)
            {
                if (known[i] is { State.IsReady: true } ended)
                {
                    results[start + i] = TaskResultErrors.Require(ended);
                    continue;
                }

                results[start + i] = await members[i].GetRawAsync(deadline, cancellationToken);
                if (waits++ % RefreshEvery == 0)
                    known = await ReadAsync(members, cancellationToken);
            }
        }

        return JsonList.Of(results);
    }

    /// <summary>What is stored of each; null for groups and for what has not ended.</summary>
    private async ValueTask<IReadOnlyList<ResultDocument?>> ReadAsync(IReadOnlyList<CanvasHandle> members, CancellationToken cancellationToken)
    {
        IBackend backend = await Client.GetBackendAsync(cancellationToken);
        return await backend.Results.GetManyAsync([.. members.Select(member => member is TaskHandle ? member.Id : "")], cancellationToken);
    }

    private IEnumerable<CanvasHandle> Tasks() => Members.SelectMany(member => member is GroupHandle group ? group.Tasks() : [member]);
}
