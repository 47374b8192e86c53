using System.Buffers;

namespace Essaim.Redis;

/// <summary>One message for the event exchange.</summary>
/// <param name="RoutingKey">Such as <c>worker.heartbeat</c>, or <c>task.multi</c>.</param>
/// <param name="Hostname">Goes into the headers; workers' gossip reads it.</param>
/// <param name="Body">An event object, or a list of them.</param>
/// <param name="Facts">Facts its bodies do not carry; null where they carry all.</param>
internal sealed record EventBatch(string RoutingKey, string Hostname, ReadOnlyMemory<byte> Body, EventFacts?[]? Facts);

/// <summary>Packs events the way Celery's workers do: task events in lists, all others one by one.</summary>
internal static class EventBatches
{
    public const string TaskList = "task.multi";
    private const int MostEvents = 200;
    private const int MostBytes = 256 * 1024;

    public static IEnumerable<EventBatch> Of(IReadOnlyList<EventRecord> events)
    {
        for (int i = 0; i < events.Count;)
        {
            EventRecord first = events[i];
            if (!IsTask(first))
            {
                EventFacts? facts = EventFacts.MissingIn(first, first.Hostname);
                yield return new EventBatch(first.Type.Replace('-', '.'), first.Hostname, first.Body.Utf8, facts is null ? null : [facts]);
                i++;
                continue;
            }

            int end = i + 1;
            int bytes = first.Body.Utf8.Length;
            while (end < events.Count && end - i < MostEvents && IsTask(events[end]) && events[end].Hostname == first.Hostname
                && bytes + events[end].Body.Utf8.Length <= MostBytes)
            {
                bytes += events[end++].Body.Utf8.Length;
            }

            yield return ListOf(events, i, end);
            i = end;
        }
    }

    private static bool IsTask(EventRecord record) => record.Type.StartsWith("task-", StringComparison.Ordinal);

    private static EventBatch ListOf(IReadOnlyList<EventRecord> events, int start, int end)
    {
        ArrayBufferWriter<byte> body = new();
        EventFacts?[] facts = new EventFacts?[end - start];
        for (int i = start; i < end; i++)
        {
            body.Write(i == start ? "["u8 : ", "u8);
            body.Write(events[i].Body.Utf8.Span);
            facts[i - start] = EventFacts.MissingIn(events[i], events[start].Hostname);
        }

        body.Write("]"u8);
        return new EventBatch(TaskList, events[start].Hostname, body.WrittenMemory, facts.All(fact => fact is null) ? null : facts);
    }
}
