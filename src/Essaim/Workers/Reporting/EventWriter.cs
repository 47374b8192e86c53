using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// Makes Celery's events, field by field as Celery does, and Essaim's own <c>task-progress</c>, <c>task-log</c>, <c>task-dropped</c>,
/// <c>worker-scaled</c> and <c>worker-scale-refused</c>.
/// </summary>
internal sealed class EventWriter(WorkerNode node, TimeProvider time)
{
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _scratch;

    /// <summary>Version of this library.</summary>
    public static readonly string Software = typeof(EventWriter).Assembly.GetName().Version?.ToString(3) ?? "0";

    public EventRecord Worker(string type, TimeSpan frequency, Pulse pulse) => Write(type, null, (node, frequency, pulse), static (json, facts) =>
    {
        json.WriteNumber("freq"u8, facts.frequency.TotalSeconds);
        json.WriteNumber("active"u8, facts.pulse.Busy);
        json.WriteNumber("processed"u8, facts.node.Processed);
        json.WriteStartArray("loadavg"u8);
        foreach (double load in LoadAverage.Read())
            json.WriteNumberValue(load);
        json.WriteEndArray();
        WriteSoftware(json);
        json.WriteNumber("claim_age"u8, Math.Round(facts.node.ClaimAge.TotalSeconds, 3));
        facts.pulse.Write(json);
    });

    /// <summary>A decision about the number of slots.</summary>
    public EventRecord Scaled(string type, int from, int to, string reason) => Write(type, null, (from, to, reason), static (json, decision) =>
    {
        json.WriteNumber("from"u8, decision.from);
        json.WriteNumber("to"u8, decision.to);
        json.WriteString("reason"u8, decision.reason);
    });

    /// <summary>The short heartbeat that remote control asks for; Celery's constant as its frequency only where there are no others.</summary>
    public EventRecord Heartbeat(TimeSpan frequency) => Write("worker-heartbeat", null, frequency, static (json, frequency) =>
    {
        json.WriteNumber("freq"u8, frequency > TimeSpan.Zero ? frequency.TotalSeconds : 5);
        WriteSoftware(json);
    });

    public EventRecord Received(TaskMessage message) => Write("task-received", message.Id, message, static (json, message) =>
    {
        json.WriteString("name"u8, message.Shadow ?? message.Task);
        json.WriteString("args"u8, message.ArgsRepr ?? "");
        json.WriteString("kwargs"u8, message.KwargsRepr ?? "");
        json.WriteString("root_id"u8, message.RootId ?? message.Id);
        json.WriteString("parent_id"u8, message.ParentId);
        json.WriteNumber("retries"u8, message.Retries);
        WriteTime(json, "eta"u8, message.Eta);
        WriteTime(json, "expires"u8, message.Expires);
    });

    public EventRecord Started(string id) => Write("task-started", id, 0, static (_, _) => { });

    /// <summary>The event of a task's end; null where Celery sends none (ignored).</summary>
    public EventRecord? Ended(string id, TaskOutcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Success => Write("task-succeeded", id, outcome, static (json, outcome) =>
        {
            json.WriteString("result"u8, PythonRepr.Write(outcome.Result));
            json.WriteNumber("runtime"u8, outcome.Runtime.TotalSeconds);
        }),
        OutcomeKind.Failure => Write("task-failed", id, outcome, WriteError),
        OutcomeKind.Retry => Write("task-retried", id, outcome, WriteError),
        OutcomeKind.Revoked => Write("task-revoked", id, outcome, static (json, outcome) =>
        {
            bool terminated = outcome.Reason == "terminated";
            json.WriteBoolean("terminated"u8, terminated);
            if (terminated)
                json.WriteNumber("signum"u8, outcome.Signal);
            else
                json.WriteNull("signum"u8);
            json.WriteBoolean("expired"u8, outcome.Reason == "expired");
            WriteCause(json, outcome);
        }),
        OutcomeKind.Rejected => Write("task-rejected", id, outcome.Requeue, static (json, requeue) => json.WriteBoolean("requeue"u8, requeue)),
        _ => null,
    };

    /// <summary>A run whose outcome counts for nothing.</summary>
    public EventRecord Dropped(string id, string reason) => Write("task-dropped", id, reason, static (json, reason) => json.WriteString("reason"u8, reason));

    public EventRecord Progress(string id, double? fraction, string? text, RawJson data) =>
        Write("task-progress", id, (fraction, text, data), static (json, progress) =>
        {
            if (progress.fraction is { } fraction && double.IsFinite(fraction))
                json.WriteNumber("fraction"u8, fraction);
            else
                json.WriteNull("fraction"u8);
            json.WriteString("text"u8, progress.text);
            json.WritePropertyName("data"u8);
            json.WriteRawValue(progress.data.Utf8.Span);
        });

    public EventRecord Log(string id, string level, string line) => Write("task-log", id, (level, line), static (json, log) =>
    {
        json.WriteString("level"u8, log.level);
        json.WriteString("line"u8, log.line);
    });

    private static void WriteSoftware(Utf8JsonWriter json)
    {
        json.WriteString("sw_ident"u8, "essaim");
        json.WriteString("sw_ver"u8, Software);
        json.WriteString("sw_sys"u8, OperatingSystem.IsLinux() ? "Linux" : Environment.OSVersion.Platform.ToString());
    }

    private static void WriteError(Utf8JsonWriter json, TaskOutcome outcome)
    {
        json.WriteString("exception"u8, outcome.Error?.ToRepr() ?? "");
        json.WriteString("traceback"u8, outcome.Traceback ?? "");
        WriteCause(json, outcome);
    }

    private static void WriteCause(Utf8JsonWriter json, TaskOutcome outcome)
    {
        if (outcome.Cause is { } cause)
            json.WriteString("cause"u8, cause.Word);
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? at) =>
        json.WriteString(name, at?.ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture));

    private EventRecord Write<TFacts>(string type, string? id, TFacts facts, Action<Utf8JsonWriter, TFacts> write)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_scratch is not var (buffer, json) || buffer is null)
        {
            buffer = new ArrayBufferWriter<byte>(512);
            json = new Utf8JsonWriter(buffer);
            _scratch = (buffer, json);
        }

        buffer.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteString("hostname"u8, node.Name);
        json.WriteNumber("timestamp"u8, (now - DateTimeOffset.UnixEpoch).TotalSeconds);
        json.WriteNumber("pid"u8, Environment.ProcessId);
        json.WriteNumber("clock"u8, node.Tick());
        json.WriteNumber("utcoffset"u8, HoursWest(now));
        if (id is not null)
            json.WriteString("uuid"u8, id);
        write(json, facts);
        json.WriteEndObject();
        json.Flush();
        return new EventRecord(type, node.Name, id, now, new RawJson(buffer.WrittenSpan.ToArray())) { BodyIsComplete = true };
    }

    // Celery counts whole hours west of UTC, rounded down.
    private int HoursWest(DateTimeOffset now) => (int)Math.Floor(-time.LocalTimeZone.GetUtcOffset(now).TotalHours);
}
