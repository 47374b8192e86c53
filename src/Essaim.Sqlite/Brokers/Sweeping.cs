namespace Essaim.Sqlite;

/// <summary>House-keeping.</summary>
internal static class Sweeping
{
    private const int MostEvents = 100_000;

    // Places in a line nobody came back for: the task was revoked, or purged.
    private static readonly TimeSpan PlacesKept = TimeSpan.FromHours(1);

    // Deleting is bounded, so that a sweep holds up nobody for long; the next one goes on.
    private static readonly string[] Expired =
    [
        "DELETE FROM results WHERE id IN (SELECT id FROM results WHERE expires_at <= ?1 LIMIT 5000)",
        "DELETE FROM groups WHERE expires_at <= ?1",
        "DELETE FROM unique_keys WHERE key IN (SELECT key FROM unique_keys WHERE expires_at <= ?1 LIMIT 5000)",
        "DELETE FROM revoked WHERE expires_at <= ?1",
        "DELETE FROM steps WHERE expires_at <= ?1",
    ];

    // The newest row always stays: the next position is the one after it.
    private static readonly (string Sql, TimeSpan Kept)[] Logs =
    [
        ("DELETE FROM events WHERE position < (SELECT max(position) FROM events) AND at <= ?1", TimeSpan.FromDays(1)),
        ("DELETE FROM completions WHERE position < (SELECT max(position) FROM completions) AND at <= ?1", TimeSpan.FromDays(7)),
        ("DELETE FROM control_requests WHERE id < (SELECT max(id) FROM control_requests) AND sent_at <= ?1", TimeSpan.FromHours(1)),
    ];

    public static SweepReport Sweep(WriteStep step)
    {
        (int due, int reclaimed) = MessageMoves.MakeDue(step);
        int pruned = 0;
        foreach (string sql in Expired)
            pruned += step.Db.Use(sql).Add(step.Now.UtcTicks).RunCounting();
        pruned += BlobRows.Sweep(step) + LogRows.Sweep(step);
        foreach ((string sql, TimeSpan kept) in Logs)
            pruned += step.Db.Use(sql).Add((step.Now - kept).UtcTicks).RunCounting();
        pruned += step.Db.Use("DELETE FROM events WHERE position <= (SELECT max(position) FROM events) - ?1").Add(MostEvents).RunCounting();
        step.Db.Use("DELETE FROM rates WHERE full_at <= ?1").Add(step.Now.UtcTicks).Run();
        step.Db.Use("DELETE FROM rate_places WHERE at <= ?1").Add((step.Now - PlacesKept).UtcTicks).Run();
        step.Db.Use("DELETE FROM control_replies WHERE request_id < (SELECT min(id) FROM control_requests)").Run();
        return new SweepReport(due, reclaimed, pruned, Claiming.ToTime(MessageMoves.GetNextDue(step.Db)));
    }
}
