namespace Essaim.Sqlite;

/// <summary>Token buckets, and the places kept in line before them.</summary>
internal static class Rates
{
    /// <summary>Tokens there are now.</summary>
    public static int Count(WriteStep step, string bucket, QueueRate rate) => Find(step, bucket, rate).Count(step.Now);

    /// <summary>Spends tokens.</summary>
    public static void Take(WriteStep step, string bucket, QueueRate rate, int count) => Save(step, bucket, Find(step, bucket, rate).Take(count, step.Now));

    /// <summary>When the next token is there, or null where one is.</summary>
    public static DateTimeOffset? FreeAt(Database database, string bucket, DateTimeOffset now)
    {
        long? at = database.Use("SELECT full_at - (burst - 1) * interval FROM rates WHERE bucket = ?1").Add(bucket).ReadNumber();
        return at > now.UtcTicks ? Claiming.ToTime(at) : null;
    }

    public static DateTimeOffset?[] Reserve(WriteStep step, IReadOnlyList<RateReservation> wanted)
    {
        DateTimeOffset?[] outcomes = new DateTimeOffset?[wanted.Count];
        for (int i = 0; i < outcomes.Length; i++)
            outcomes[i] = Reserve(step, wanted[i]);
        return outcomes;
    }

    public static bool HasPlace(Database database, string taskId) =>
        database.Use("SELECT 1 FROM rate_places WHERE task_id = ?1").Add(taskId).ReadNumber() is not null;

    private static DateTimeOffset? Reserve(WriteStep step, RateReservation wanted)
    {
        if (step.Db.Use("SELECT at FROM rate_places WHERE task_id = ?1").Add(wanted.TaskId).ReadNumber() is { } kept)
        {
            if (kept > step.Now.UtcTicks)
                return Claiming.ToTime(kept);
            step.Db.Use("DELETE FROM rate_places WHERE task_id = ?1").Add(wanted.TaskId).Run();
            return null;
        }

        RateLine line = Find(step, wanted.Bucket, wanted.Rate);
        Save(step, wanted.Bucket, line.Take(1, step.Now));
        if (line.NextAt <= step.Now)
            return null;
        step.Db.Use("INSERT INTO rate_places (task_id, at) VALUES (?1, ?2)").Add(wanted.TaskId).Add(line.NextAt.UtcTicks).Run();
        return line.NextAt;
    }

    private static RateLine Find(WriteStep step, string bucket, QueueRate rate)
    {
        long? fullAt = step.Db.Use("SELECT full_at FROM rates WHERE bucket = ?1").Add(bucket).ReadNumber();
        return new RateLine(new DateTimeOffset(fullAt ?? 0, TimeSpan.Zero), rate);
    }

    private static void Save(WriteStep step, string bucket, RateLine line) =>
        step.Db.Use("INSERT OR REPLACE INTO rates (bucket, full_at, interval, burst) VALUES (?1, ?2, ?3, ?4)")
            .Add(bucket).Add(line.FullAt.UtcTicks).Add(line.Rate.Interval.Ticks).Add(line.Rate.Burst).Run();
}
