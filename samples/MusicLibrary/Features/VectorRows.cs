using System.Runtime.InteropServices;

namespace MusicLibrary;

/// <summary>The vectors table: one vector for each different audio, however many files hold it.</summary>
internal static class VectorRows
{
    /// <summary>A file that holds this audio and waits for its vector, or null where none does.</summary>
    public static (FileRef File, long DurationMs)? Awaiting(SqlSession session, string content) => session.Query(
        """
        SELECT path, size, modified, duration_ms FROM tracks JOIN files USING (path)
        WHERE content = @content AND files.status = 'inserted' ORDER BY path LIMIT 1
        """,
        row => ((FileRef, long)?)(new FileRef(row.GetString(0), row.GetInt64(1), row.GetInt64(2)), row.GetInt64(3)), ("@content", content)).FirstOrDefault();

    public static bool Exists(SqlSession session, string content) =>
        session.Scalar<long>("SELECT count(*) FROM vectors WHERE content = @content", ("@content", content)) > 0;

    /// <summary>Keeps a vector, unless every track that had this audio is gone by now.</summary>
    public static void Keep(SqlSession session, string content, float[]? vector)
    {
        if (vector is not null)
        {
            session.Run(
                """
                INSERT INTO vectors (content, vector) SELECT @content, @vector WHERE EXISTS (SELECT 1 FROM tracks WHERE content = @content)
                ON CONFLICT (content) DO NOTHING
                """,
                ("@content", content), ("@vector", MemoryMarshal.AsBytes(vector.AsSpan()).ToArray()));
        }

        session.Run(
            "UPDATE files SET status = 'vectorised' WHERE status = 'inserted' AND path IN (SELECT path FROM tracks WHERE content = @content)", ("@content", content));
    }

    /// <summary>Ends every file that holds audio nobody can decode. Its track stays: its tags are good.</summary>
    public static void Fail(SqlSession session, string content, UnusableFileException error) => session.Run(
        """
        UPDATE files SET status = 'failed', stage = 'features', reason = @reason, transient = @transient
        WHERE status = 'inserted' AND path IN (SELECT path FROM tracks WHERE content = @content)
        """,
        ("@content", content), ("@reason", error.Message), ("@transient", error.IsTransient));

    /// <summary>The tracks that sound most like this one, nearest first.</summary>
    public static List<SimilarTrack> Nearest(SqlSession session, string path, int count)
    {
        const string Select = "SELECT path, artist, title, vector FROM tracks JOIN vectors USING (content)";
        List<(string Path, string Artist, string Title, float[] Vector)> all = session.Query(
            Select, row => (row.GetString(0), row.GetString(1), row.GetString(2), MemoryMarshal.Cast<byte, float>(row.GetFieldValue<byte[]>(3)).ToArray()));
        float[]? own = all.FirstOrDefault(track => track.Path == path).Vector;
        return own is null ? [] :
        [
            .. all.Where(track => track.Path != path)
                .Select(track => new SimilarTrack(track.Path, track.Artist, track.Title, Math.Round(Cosine(own, track.Vector), 4)))
                .OrderByDescending(track => track.Similarity).ThenBy(track => track.Path, StringComparer.Ordinal).Take(count),
        ];
    }

    /// <summary>Both have length 1, so that the product is the cosine.</summary>
    internal static double Cosine(float[] left, float[] right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
            sum += (double)left[i] * right[i];
        return sum;
    }
}

/// <summary>A track near another.</summary>
internal sealed record SimilarTrack(string Path, string Artist, string Title, double Similarity);
