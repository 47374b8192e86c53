using System.Text.Json;

namespace Essaim;

/// <summary>Revokes tasks: remembers them here and at the broker, and ends those in hand. One that runs goes on unless it is terminated.</summary>
internal sealed class Revoker(RevokedTasks revoked, IBroker broker, Ledger ledger, Scheduler scheduler)
{
    public RevokedTasks Revoked => revoked;

    /// <summary>Revokes by id. Returns those in hand.</summary>
    /// <param name="ids">The tasks.</param>
    /// <param name="signal">Terminates those that run, as by this signal; null: they go on.</param>
    /// <param name="cancellationToken">Ends the wait for the broker.</param>
    public async ValueTask<IReadOnlyList<string>> RevokeAsync(IReadOnlyList<string> ids, int? signal, CancellationToken cancellationToken)
    {
        revoked.Add(ids);
        IReadOnlyList<string> known = RevokeInHand(ids, signal);
        await broker.MarkRevokedAsync(ids, RevokedTasks.Kept, cancellationToken);
        return known;
    }

    /// <summary>Revokes by stamp. Returns, by stamp, the values found on tasks in hand.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> RevokeStamped(IReadOnlyDictionary<string, IReadOnlyList<string>> stamps, int? signal)
    {
        Dictionary<string, IReadOnlyList<string>> found = new(StringComparer.Ordinal);
        foreach ((string name, IReadOnlyList<string> values) in stamps)
        {
            revoked.AddStamps(name, values);
            List<string> hit = [];
            foreach (ReservedTask task in ledger.Tasks)
            {
                string[] matching = [.. TaskStamps.Of(task.Message, name).Intersect(values)];
                if (matching.Length == 0)
                    continue;
                hit.AddRange(matching);
                scheduler.Revoke(task, signal);
            }

            if (hit.Count > 0)
                found[name] = [.. hit.Distinct()];
        }

        return found;
    }

    /// <summary>Takes over what another worker knows to be revoked.</summary>
    public void Merge(JsonElement theirs) => RevokeInHand(revoked.Merge(theirs), null);

    private string[] RevokeInHand(IReadOnlyList<string> ids, int? signal)
    {
        HashSet<string> wanted = new(ids, StringComparer.Ordinal);
        ReservedTask[] here = [.. ledger.Tasks.Where(task => wanted.Contains(task.Message.Id))];
        foreach (ReservedTask task in here)
            scheduler.Revoke(task, signal);
        return [.. here.Select(task => task.Message.Id)];
    }
}
