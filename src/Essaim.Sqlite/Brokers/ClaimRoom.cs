namespace Essaim.Sqlite;

/// <summary>How much the queues of one claim may give under their limits and pauses.</summary>
internal sealed class ClaimRoom(WriteStep step)
{
    private readonly Dictionary<string, QueuePause> _pauses = Pauses.Read(step.Db);
    private readonly Dictionary<string, int> _left = new(StringComparer.Ordinal);

    /// <summary>When a rate that held something back gives the next token.</summary>
    public DateTimeOffset? RateFreeAt { get; private set; }

    public bool IsPaused(string queue) => _pauses.Count > 0 && (_pauses.ContainsKey(queue) || _pauses.ContainsKey(QueueNames.BaseOf(queue)));

    public static string ScopeOf(QueueClaim claim) => claim.Limits!.Scope ?? claim.Queue;

    /// <summary>True where one more may be taken.</summary>
    public bool HasRoom(QueueClaim claim, QueueTable.Row queue)
    {
        if (claim.Limits is null)
            return true;
        string scope = ScopeOf(claim);
        if (!_left.TryGetValue(scope, out int left))
        {
            left = Count(claim.Limits, scope, queue);
            _left.Add(scope, left);
        }

        return left > 0;
    }

    /// <summary>Counts one as taken.</summary>
    public void Take(QueueClaim claim)
    {
        if (claim.Limits is not { } limits)
            return;
        _left[ScopeOf(claim)]--;
        if (limits.Rate is { } rate)
            Rates.Take(step, ScopeOf(claim), rate, 1);
    }

    private int Count(QueueLimits limits, string scope, QueueTable.Row queue)
    {
        int left = int.MaxValue;
        if ((limits.Ordered ? 1 : limits.Concurrency) is { } most)
            left = most - (int)step.Db.Use("SELECT count(*) FROM messages WHERE place = 'InFlight' AND scope = ?1").Add(scope).ReadNumber()!.Value;
        if (limits.Ordered && IsHeld(queue))
            left = 0;
        if (limits.Rate is not { } rate || left <= 0)
            return left;
        int tokens = Rates.Count(step, scope, rate);
        if (tokens == 0 && Rates.FreeAt(step.Db, scope, step.Now) is { } free && (RateFreeAt is null || free < RateFreeAt))
            RateFreeAt = free;
        return Math.Min(left, tokens);
    }

    private bool IsHeld(QueueTable.Row queue) =>
        step.Db.Use("SELECT 1 FROM messages WHERE place = 'Delayed' AND keeps_place = 1 AND queue_id = ?1 LIMIT 1").Add(queue.Id).ReadNumber() is not null;
}
