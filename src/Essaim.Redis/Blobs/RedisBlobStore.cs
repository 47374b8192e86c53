namespace Essaim.Redis;

/// <summary>
/// Blobs, a hash of pieces each. Pieces go one by one into a draft of its own name, which the last of them makes the blob: nothing half written
/// is seen, no command carries more than a piece, and all of a blob expires, or is evicted, at once.
/// </summary>
internal sealed class RedisBlobStore(RedisLink link) : IBlobStore
{
    // A draft whose writer died; counted anew with each piece.
    private static readonly TimeSpan DraftsKept = TimeSpan.FromMinutes(10);

    public async ValueTask<string> PutAsync(ReadOnlyMemory<byte> content, TimeSpan keep, CancellationToken cancellationToken)
    {
        BlobContent.CheckSize(content.Length);
        keep = BlobContent.CheckKeep(keep);
        string id = BlobContent.IdOf(content.Span);
        if (await KeepAsync(id, keep, cancellationToken))
            return id;
        string draft = Guid.NewGuid().ToString("N");
        try
        {
            int last = BlobContent.PiecesOf(content.Length) - 1;
            for (int piece = 0; piece < last; piece++)
                await PutPieceAsync(draft, piece, BlobContent.PieceOf(content, piece), cancellationToken);
            if (await PublishAsync(id, draft, last, content, keep, cancellationToken))
                return id;
        }
        catch (RedisReplyException refusal) when (refusal.Kind == "OOM")
        {
            await RemoveDraftAsync(draft);
            throw BlobException.NoRoom(content.Length, "Redis is at its maxmemory.", refusal);
        }
        catch
        {
            await RemoveDraftAsync(draft);
            throw;
        }

        throw BlobException.NoRoom(content.Length, "Redis evicted what was there of them, as its maxmemory-policy tells it to.", null);
    }

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string id, CancellationToken cancellationToken)
    {
        if (!BlobContent.IsId(id) || (await FieldAsync(id, "size", cancellationToken)) is not { } size)
            return null;
        if (!System.Buffers.Text.Utf8Parser.TryParse(size.Span, out int length, out _) || length is < 0 or > IBlobStore.MostBytes)
            throw await DamagedAsync(id);
        byte[] content = new byte[length];
        int at = 0;
        for (int piece = 0; piece < BlobContent.PiecesOf(length); piece++)
        {
            // Expired or removed while it was read.
            if (await FieldAsync(id, piece.ToString(System.Globalization.CultureInfo.InvariantCulture), cancellationToken) is not { } bytes)
                return null;
            if (bytes.Length > content.Length - at)
                throw await DamagedAsync(id);
            bytes.Span.CopyTo(content.AsSpan(at));
            at += bytes.Length;
        }

        return BlobContent.IsWhole(id, content) ? content : throw await DamagedAsync(id);
    }

    public async ValueTask<bool> KeepAsync(string id, TimeSpan keep, CancellationToken cancellationToken)
    {
        keep = BlobContent.CheckKeep(keep);
        RespCommand command = link.Call(RedisScripts.BlobKeep, idempotent: true).Add(id).Add(PublishOps.Milliseconds(keep));
        return (await link.EvalAsync(RedisScripts.BlobKeep, command, cancellationToken)).AsInteger() == 1;
    }

    public async ValueTask RemoveAsync(string id, CancellationToken cancellationToken) =>
        await link.Client.SendAsync(new RespCommand("UNLINK", idempotent: true).Add(KeyOf(id)), cancellationToken);

    private async ValueTask PutPieceAsync(string draft, int piece, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.BlobPiece, idempotent: true, sizeHint: bytes.Length + 512)
            .Add(draft).Add(piece).Add(bytes).Add(PublishOps.Milliseconds(DraftsKept));
        await link.EvalAsync(RedisScripts.BlobPiece, command, cancellationToken);
    }

    private async ValueTask<bool> PublishAsync(
        string id, string draft, int last, ReadOnlyMemory<byte> content, TimeSpan keep, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> bytes = BlobContent.PieceOf(content, last);
        RespCommand command = link.Call(RedisScripts.BlobPublish, idempotent: true, sizeHint: bytes.Length + 512)
            .Add(id).Add(draft).Add(last).Add(bytes).Add(content.Length).Add(PublishOps.Milliseconds(keep));
        return (await link.EvalAsync(RedisScripts.BlobPublish, command, cancellationToken)).AsInteger() == 1;
    }

    private async ValueTask RemoveDraftAsync(string draft)
    {
        try
        {
            await link.Client.SendAsync(new RespCommand("UNLINK", idempotent: true).Add(link.Keys.Own + "blob-draft:", draft), CancellationToken.None);
        }
        catch (EssaimException)
        {
            // It expires; what went wrong is told already.
        }
    }

    private async ValueTask<BlobException> DamagedAsync(string id)
    {
        await RemoveAsync(id, CancellationToken.None);
        return BlobException.Damaged(id);
    }

    private async ValueTask<ReadOnlyMemory<byte>?> FieldAsync(string id, string field, CancellationToken cancellationToken) =>
        (await link.Client.SendAsync(new RespCommand("HGET", idempotent: true).Add(KeyOf(id)).Add(field), cancellationToken)).AsBytes();

    private string KeyOf(string id) => $"{link.Keys.Own}blob:{id}";
}
