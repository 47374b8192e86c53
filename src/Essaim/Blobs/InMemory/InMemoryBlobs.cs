namespace Essaim;

/// <summary>Blobs in this process.</summary>
internal sealed class InMemoryBlobs(Lock gate, TimeProvider time) : IBlobStore
{
    private readonly Dictionary<string, (byte[] Content, DateTimeOffset Until)> _blobs = new(StringComparer.Ordinal);

    public ValueTask<string> PutAsync(ReadOnlyMemory<byte> content, TimeSpan keep, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BlobContent.CheckSize(content.Length);
        keep = BlobContent.CheckKeep(keep);
        string id = BlobContent.IdOf(content.Span);
        lock (gate)
        {
            if (!TryKeep(id, keep))
                _blobs[id] = (content.ToArray(), time.GetUtcNow() + keep);
        }

        return new(id);
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] content;
        lock (gate)
        {
            if (!_blobs.TryGetValue(id, out (byte[] Content, DateTimeOffset Until) blob) || blob.Until <= time.GetUtcNow())
                return new((ReadOnlyMemory<byte>?)null);
            content = blob.Content;
        }

        if (BlobContent.IsWhole(id, content))
            return new(content);
        Remove(id);
        throw BlobException.Damaged(id);
    }

    public ValueTask<bool> KeepAsync(string id, TimeSpan keep, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new(TryKeep(id, BlobContent.CheckKeep(keep)));
    }

    public ValueTask RemoveAsync(string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Remove(id);
        return ValueTask.CompletedTask;
    }

    /// <summary>Under the gate: removes those whose time is over. Returns how many.</summary>
    internal int Prune(DateTimeOffset now)
    {
        string[] expired = [.. _blobs.Where(blob => blob.Value.Until <= now).Select(blob => blob.Key)];
        foreach (string id in expired)
            _blobs.Remove(id);
        return expired.Length;
    }

    private bool TryKeep(string id, TimeSpan keep)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (!_blobs.TryGetValue(id, out (byte[] Content, DateTimeOffset Until) blob) || blob.Until <= now)
            return false;
        _blobs[id] = (blob.Content, blob.Until > now + keep ? blob.Until : now + keep);
        return true;
    }

    private void Remove(string id)
    {
        lock (gate)
            _blobs.Remove(id);
    }
}
