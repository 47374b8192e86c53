namespace Essaim.Sqlite;

/// <summary>Blobs in the file. A piece is a transaction, so that messages go on while a large one is written; all of it is synced with the last.</summary>
internal sealed class SqliteBlobStore(SqliteEngine engine) : IBlobStore
{
    public async ValueTask<string> PutAsync(ReadOnlyMemory<byte> content, TimeSpan keep, CancellationToken cancellationToken)
    {
        BlobContent.CheckSize(content.Length);
        keep = BlobContent.CheckKeep(keep);
        string id = BlobContent.IdOf(content.Span);
        if (await KeepAsync(id, keep, cancellationToken))
            return id;
        long number = await engine.WriteAsync(step => BlobRows.Begin(step, content.Length), durable: false, cancellationToken);
        try
        {
            for (int piece = 0; piece < BlobContent.PiecesOf(content.Length); piece++)
            {
                int which = piece;
                await engine.WriteAsync(
                    step => BlobRows.AddPiece(step, number, which, BlobContent.PieceOf(content, which).Span), durable: false, cancellationToken);
            }

            if (!await engine.WriteAsync(step => BlobRows.Publish(step, number, id, keep), durable: true, cancellationToken))
                throw new BackendException(SqliteFault.Failed, $"What was written to {engine.Path} was swept before it was whole: writing it took more than an hour. Try again.");
            return id;
        }
        catch
        {
            await RemoveDraftAsync(number);
            throw;
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[]? content = engine.Read(database => BlobRows.Read(database, id, engine.Time.GetUtcNow()));
        if (content is null)
            return null;
        if (BlobContent.IsWhole(id, content))
            return content;
        await RemoveAsync(id, CancellationToken.None);
        throw BlobException.Damaged(id);
    }

    public ValueTask<bool> KeepAsync(string id, TimeSpan keep, CancellationToken cancellationToken)
    {
        keep = BlobContent.CheckKeep(keep);
        return engine.WriteAsync(step => BlobRows.Keep(step, id, keep), durable: true, cancellationToken);
    }

    public async ValueTask RemoveAsync(string id, CancellationToken cancellationToken) =>
        await engine.WriteAsync(step => BlobRows.Delete(step, id), durable: true, cancellationToken);

    private async ValueTask RemoveDraftAsync(long number)
    {
        try
        {
            await engine.WriteAsync(step => BlobRows.Delete(step, number), durable: false, CancellationToken.None);
        }
        catch (BackendException)
        {
            // It is swept in an hour; what went wrong is told already.
        }
    }
}
