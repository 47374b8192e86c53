using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// Ids (and stamps) this worker was told are revoked: at most 50,000, for three hours, as in Celery. Beside what the broker remembers: other
/// workers tell theirs, and a message on its way from the broker is caught, too. Safe on all threads.
/// </summary>
internal sealed class RevokedTasks(TimeProvider time)
{
    /// <summary>Ids kept at most.</summary>
    public const int Most = 50_000;

    /// <summary>How long an id is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(3);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private readonly Dictionary<string, HashSet<string>> _stamps = new(StringComparer.Ordinal);
    private volatile bool _any;

    /// <summary>Remembers ids.</summary>
    public void Add(IEnumerable<string> ids)
    {
        lock (_gate)
        {
            foreach (string id in ids)
                Set(id, Now);
        }
    }

    /// <summary>Remembers that tasks with one of these stamps are revoked.</summary>
    public void AddStamps(string header, IEnumerable<string> values)
    {
        lock (_gate)
        {
            if (!_stamps.TryGetValue(header, out HashSet<string>? known))
                _stamps[header] = known = new HashSet<string>(StringComparer.Ordinal);
            foreach (string value in values.TakeWhile(_ => known.Count < Most))
                known.Add(value);
            _any = true;
        }
    }

    /// <summary>Takes over another worker's ids, <c>{id: [seconds, id]}</c> or <c>{id: seconds}</c>; returns them.</summary>
    public IReadOnlyList<string> Merge(JsonElement theirs)
    {
        List<string> ids = [];
        if (theirs.ValueKind != JsonValueKind.Object)
            return ids;
        lock (_gate)
        {
            foreach (JsonProperty one in theirs.EnumerateObject())
            {
                ids.Add(one.Name);
                if (_seconds.ContainsKey(one.Name))
                    continue;
                JsonElement value = one.Value.ValueKind == JsonValueKind.Array && one.Value.GetArrayLength() > 0 ? one.Value[0] : one.Value;
                double at = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : Now;
                // Their clock counts from the start of their machine: what makes no sense here counts from now.
                Set(one.Name, at <= Now && at > Now - Kept.TotalSeconds ? at : Now);
            }
        }

        return ids;
    }

    /// <summary>True where the task is revoked, by its id or by a stamp.</summary>
    public bool Contains(TaskMessage message)
    {
        if (!_any)
            return false;
        lock (_gate)
        {
            return (_seconds.TryGetValue(message.Id, out double at) && at + Kept.TotalSeconds > Now)
                || _stamps.Any(stamp => stamp.Value.Overlaps(TaskStamps.Of(message, stamp.Key)));
        }
    }

    /// <summary>The ids, oldest first.</summary>
    public IReadOnlyList<string> GetIds()
    {
        lock (_gate)
        {
            Prune();
            return [.. _order];
        }
    }

    /// <summary>The ids with their times, as other workers read them.</summary>
    public RawJson Encode()
    {
        ArrayBufferWriter<byte> text = new();
        lock (_gate)
        {
            Prune();
            using Utf8JsonWriter json = new(text);
            json.WriteStartObject();
            foreach (string id in _order)
            {
                json.WriteStartArray(id);
                // Always with a decimal point: Python refuses a whole number here, and all else with it.
                json.WriteRawValue(_seconds[id].ToString("0.0########", CultureInfo.InvariantCulture));
                json.WriteStringValue(id);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return new RawJson(text.WrittenMemory);
    }

    // Near the machine's uptime, as Python's monotonic clock.
    private double Now => (double)time.GetTimestamp() / time.TimestampFrequency;

    private void Set(string id, double at)
    {
        if (!_seconds.ContainsKey(id))
            _order.Enqueue(id);
        _seconds[id] = at;
        _any = true;
        if (_seconds.Count > Most)
            _seconds.Remove(_order.Dequeue());
    }

    private void Prune()
    {
        double oldest = Now - Kept.TotalSeconds;
        for (int left = _order.Count; left > 0; left--)
        {
            string id = _order.Dequeue();
            if (_seconds[id] <= oldest)
                _seconds.Remove(id);
            else
                _order.Enqueue(id);
        }
    }
}
