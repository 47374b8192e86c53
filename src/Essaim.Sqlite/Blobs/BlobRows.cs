namespace Essaim.Sqlite;

/// <summary>Blobs as rows: one for each, and one for each piece.</summary>
internal static class BlobRows
{
    private const long MostPieces = 1024;

    // What nobody goes on with was left by a process that died.
    private static readonly TimeSpan DraftsKept = TimeSpan.FromHours(1);

    // A sweep holds up nobody for long; the next one goes on.
    private const long MostSwept = IBlobStore.MostBytes;

    /// <summary>Begins one; returns its number.</summary>
    public static long Begin(WriteStep step, long size)
    {
        long number = step.NextNumber();
        step.Db.Use("INSERT INTO blobs (number, size, expires_at) VALUES (?1, ?2, ?3)").Add(number).Add(size).Add((step.Now + DraftsKept).UtcTicks).Run();
        return number;
    }

    public static void AddPiece(WriteStep step, long number, int piece, ReadOnlySpan<byte> bytes)
    {
        step.Db.Use("INSERT INTO blob_pieces (place, bytes) VALUES (?1, ?2)").Add(number * MostPieces + piece).Add(bytes).Run();
        step.Db.Use("UPDATE blobs SET expires_at = ?2 WHERE number = ?1").Add(number).Add((step.Now + DraftsKept).UtcTicks).Run();
    }

    /// <summary>From here on it is seen; where somebody was quicker, the one that is there stays. False where it was swept meanwhile.</summary>
    public static bool Publish(WriteStep step, long number, string id, TimeSpan keep)
    {
        // One whose time is over and that was not swept is whole, too.
        if (Extend(step, id, keep, DateTimeOffset.MinValue))
        {
            Delete(step, number);
            return true;
        }

        return step.Db.Use("UPDATE blobs SET id = ?2, expires_at = ?3 WHERE number = ?1").Add(number).Add(id).Add((step.Now + keep).UtcTicks).RunCounting() > 0;
    }

    public static bool Keep(WriteStep step, string id, TimeSpan keep) => Extend(step, id, keep, step.Now);

    public static void Delete(WriteStep step, long number)
    {
        step.Db.Use("DELETE FROM blob_pieces WHERE place BETWEEN ?1 AND ?2").Add(number * MostPieces).Add(number * MostPieces + MostPieces - 1).Run();
        step.Db.Use("DELETE FROM blobs WHERE number = ?1").Add(number).Run();
    }

    public static void Delete(WriteStep step, string id)
    {
        if (step.Db.Use("SELECT number FROM blobs WHERE id = ?1").Add(id).ReadNumber() is { } number)
            Delete(step, number);
    }

    /// <summary>The content, as it stands; null where it is not there.</summary>
    public static byte[]? Read(Database database, string id, DateTimeOffset now)
    {
        Statement find = database.Use("SELECT number, size FROM blobs WHERE id = ?1 AND expires_at > ?2").Add(id).Add(now.UtcTicks);
        if (!find.Step())
            return null;
        long number = find.GetInt64(0);
        byte[] content = new byte[Math.Clamp(find.GetInt64(1), 0, IBlobStore.MostBytes)];
        find.Restart();
        int at = 0;
        Statement pieces = database.Use("SELECT bytes FROM blob_pieces WHERE place BETWEEN ?1 AND ?2 ORDER BY place")
            .Add(number * MostPieces).Add(number * MostPieces + MostPieces - 1);
        while (pieces.Step())
        {
            byte[] piece = pieces.GetBytes(0);
            int taken = Math.Min(piece.Length, content.Length - at);
            piece.AsSpan(0, taken).CopyTo(content.AsSpan(at));
            at += taken;
        }

        return content;
    }

    /// <summary>Removes those whose time is over, some 64 MiB of them. Returns how many.</summary>
    public static int Sweep(WriteStep step)
    {
        int swept = 0;
        for (long bytes = 0; bytes < MostSwept; swept++)
        {
            Statement oldest = step.Db.Use("SELECT number, size FROM blobs WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 1").Add(step.Now.UtcTicks);
            if (!oldest.Step())
                break;
            long number = oldest.GetInt64(0);
            bytes += oldest.GetInt64(1) + 1;
            oldest.Restart();
            Delete(step, number);
        }

        return swept;
    }

    private static bool Extend(WriteStep step, string id, TimeSpan keep, DateTimeOffset aliveAt) =>
        step.Db.Use("UPDATE blobs SET expires_at = max(expires_at, ?2) WHERE id = ?1 AND expires_at > ?3")
            .Add(id).Add((step.Now + keep).UtcTicks).Add(aliveAt.UtcTicks).RunCounting() > 0;
}
