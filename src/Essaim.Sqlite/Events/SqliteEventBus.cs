using System.Runtime.CompilerServices;
using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Events in the file, kept for a day or 100,000 of them.</summary>
internal sealed class SqliteEventBus(SqliteEngine engine) : IEventBus
{
    private const int ReadAtOnce = 500;

    public bool IsHeard => true;

    public async ValueTask PublishAsync(IReadOnlyList<EventRecord> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
            return;
        try
        {
            await engine.WriteAsync(step => Append(step, events), durable: false, cancellationToken);
        }
        catch (BackendException error) when (error.Code is SqliteFault.Full or SqliteFault.Busy)
        {
            // Events are best effort: a full disk must not stop a worker's heartbeat, and its next settlement says what is wrong.
        }
    }

    public IAsyncEnumerable<EventEntry> SubscribeAsync(long? position, CancellationToken cancellationToken) =>
        ReadOnAsync(position ?? engine.Read(ReadLastPosition), cancellationToken);

    private static long ReadLastPosition(Database database) => database.Use("SELECT max(position) FROM events").ReadNumber() ?? 0;

    private static void Append(WriteStep step, IReadOnlyList<EventRecord> events)
    {
        foreach (EventRecord record in events)
        {
            step.Db.Use("INSERT INTO events (type, hostname, task_id, at, body) VALUES (?1, ?2, ?3, ?4, ?5)")
                .Add(record.Type).Add(record.Hostname).Add(record.TaskId).Add(record.At.UtcTicks).Add(record.Body.Utf8.Span).Run();
        }

        step.News.Events = true;
    }

    private static List<EventEntry> ReadAfter(Database database, long position)
    {
        List<EventEntry> entries = [];
        Statement select = database.Use(
            "SELECT position, type, hostname, task_id, at, body FROM events WHERE position > ?1 ORDER BY position LIMIT ?2").Add(position).Add(ReadAtOnce);
        while (select.Step())
        {
            entries.Add(new EventEntry(select.GetInt64(0), new EventRecord(
                select.GetText(1), select.GetText(2), select.GetNullableText(3), new DateTimeOffset(select.GetInt64(4), TimeSpan.Zero),
                new RawJson(select.GetBytes(5)))));
        }

        return entries;
    }

    private async IAsyncEnumerable<EventEntry> ReadOnAsync(long position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch news = engine.EventReaders.Add();
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                List<EventEntry> entries = engine.Read(database => ReadAfter(database, position));
                foreach (EventEntry entry in entries)
                {
                    yield return entry;
                    position = entry.Position;
                }

                if (entries.Count == 0)
                    await news.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
        finally
        {
            engine.EventReaders.Remove(news);
        }
    }
}
