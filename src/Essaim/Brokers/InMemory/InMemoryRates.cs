namespace Essaim;

/// <summary>Token buckets by name, and the places kept in line before them. Its users hold the backend's gate.</summary>
internal sealed class InMemoryRates
{
    // Places nobody came back for: the task was revoked, or purged.
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(1);
    private readonly Dictionary<string, RateLine> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _places = new(StringComparer.Ordinal);

    /// <summary>Tokens there are now.</summary>
    public int Count(string bucket, QueueRate rate, DateTimeOffset now) => Find(bucket, rate).Count(now);

    /// <summary>Spends tokens that <see cref="Count"/> has told of.</summary>
    public void Take(string bucket, QueueRate rate, int count, DateTimeOffset now) => _lines[bucket] = Find(bucket, rate).Take(count, now);

    /// <summary>When the next token is there; null where one is, or the bucket was never used.</summary>
    public DateTimeOffset? FreeAt(string bucket, DateTimeOffset now) =>
        _lines.TryGetValue(bucket, out RateLine line) && line.NextAt is var next && next > now ? next : null;

    /// <summary>A token at once (null), or when there will be one for this task.</summary>
    public DateTimeOffset? Reserve(RateReservation wanted, DateTimeOffset now)
    {
        if (_places.TryGetValue(wanted.TaskId, out DateTimeOffset kept))
        {
            if (kept > now)
                return kept;
            _places.Remove(wanted.TaskId);
            return null;
        }

        RateLine line = Find(wanted.Bucket, wanted.Rate);
        DateTimeOffset at = line.NextAt;
        _lines[wanted.Bucket] = line.Take(1, now);
        if (at <= now)
            return null;
        _places[wanted.TaskId] = at;
        return at;
    }

    public bool HasPlace(string taskId) => _places.ContainsKey(taskId);

    public void Prune(DateTimeOffset now)
    {
        foreach (string bucket in _lines.Where(line => line.Value.FullAt <= now).Select(line => line.Key).ToArray())
            _lines.Remove(bucket);
        foreach (string taskId in _places.Where(place => place.Value + ForgottenAfter <= now).Select(place => place.Key).ToArray())
            _places.Remove(taskId);
    }

    private RateLine Find(string bucket, QueueRate rate) =>
        new(_lines.TryGetValue(bucket, out RateLine line) ? line.FullAt : DateTimeOffset.MinValue, rate);
}
