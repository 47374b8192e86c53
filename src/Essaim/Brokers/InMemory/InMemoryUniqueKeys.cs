namespace Essaim;

/// <summary>Which task holds which unique key. Its users hold the backend's gate.</summary>
internal sealed class InMemoryUniqueKeys
{
    private readonly Dictionary<string, (string TaskId, DateTimeOffset Until)> _holders = new(StringComparer.Ordinal);

    /// <summary>Takes the key for a message's task. Returns the task that holds it now: another where it was taken.</summary>
    public string Take(string key, OutgoingMessage message, DateTimeOffset now)
    {
        if (_holders.TryGetValue(key, out (string TaskId, DateTimeOffset Until) holder) && holder.Until > now && holder.TaskId != message.TaskId)
            return holder.TaskId;
        _holders[key] = (message.TaskId, now + message.UniqueFor);
        return message.TaskId;
    }

    /// <summary>Frees the key where this task holds it.</summary>
    public void Free(string key, string taskId)
    {
        if (_holders.TryGetValue(key, out (string TaskId, DateTimeOffset Until) holder) && holder.TaskId == taskId)
            _holders.Remove(key);
    }

    public int Prune(DateTimeOffset now)
    {
        string[] expired = [.. _holders.Where(pair => pair.Value.Until <= now).Select(pair => pair.Key)];
        foreach (string key in expired)
            _holders.Remove(key);
        return expired.Length;
    }
}
