using Essaim;

namespace MusicLibrary;

/// <summary>What the library still lacks, read from the library itself: the queue may be lost, this is not.</summary>
/// <param name="Contents">Audio without a vector.</param>
/// <param name="Covers">Tracks whose picture was not taken out.</param>
/// <param name="Untitled">Tracks whose missing tags were not guessed.</param>
internal sealed record PendingWork(IReadOnlyList<string> Contents, IReadOnlyList<string> Covers, IReadOnlyList<string> Untitled)
{
    private const int PathsPerTask = 16;

    /// <summary>What is lacking below a folder.</summary>
    public static PendingWork Below(SqlSession session, string root)
    {
        (string, object?)[] range = [MusicLibrary.Below.From(root), MusicLibrary.Below.To(root)];
        return new PendingWork(
            session.Query(
                $"""
                SELECT DISTINCT content FROM tracks JOIN files USING (path) WHERE files.status = 'inserted' AND {MusicLibrary.Below.Condition} ORDER BY path
                """,
                row => row.GetString(0), range),
            session.Query(
                $"SELECT path FROM tracks WHERE art_stream IS NOT NULL AND cover IS NULL AND {MusicLibrary.Below.Condition} ORDER BY path",
                row => row.GetString(0), range),
            session.Query($"SELECT path FROM tracks WHERE tags = 'missing' AND {MusicLibrary.Below.Condition} ORDER BY path", row => row.GetString(0), range));
    }

    /// <summary>What is lacking of these tracks.</summary>
    public static PendingWork Of(SqlSession session, IEnumerable<string> paths)
    {
        SortedSet<string> contents = new(StringComparer.Ordinal);
        List<string> covers = [], untitled = [];
        foreach (string path in paths)
        {
            foreach ((string content, bool unheard, bool unseen, bool unnamed) in session.Query(
                """
                SELECT content, files.status = 'inserted', art_stream IS NOT NULL AND cover IS NULL, tags = 'missing'
                FROM tracks JOIN files USING (path) WHERE path = @path
                """,
                row => (row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3)), ("@path", path)))
            {
                if (unheard)
                    contents.Add(content);
                if (unseen)
                    covers.Add(path);
                if (unnamed)
                    untitled.Add(path);
            }
        }

        return new PendingWork([.. contents], covers, untitled);
    }

    /// <summary>Sends the tasks; what already waits is not sent again.</summary>
    public async Task SendAsync(TaskClient client, string library, CancellationToken stop)
    {
        IEnumerable<ITaskArgs> tasks = Contents.Select(content => (ITaskArgs)new ComputeVector(library, content))
            .Concat(Covers.Chunk(PathsPerTask).Select(paths => new FetchCovers(library, paths)))
            .Concat(Untitled.Chunk(PathsPerTask).Select(paths => new Enrich(library, paths)));
        foreach (ITaskArgs[] some in tasks.Chunk(256))
            await client.EnqueueManyAsync(some, cancellationToken: stop);
    }
}
