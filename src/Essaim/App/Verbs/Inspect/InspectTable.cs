using System.Text.Json;

namespace Essaim;

/// <summary>One answer of <c>inspect</c> as rows: which columns there are, and what of the answer goes into them.</summary>
/// <param name="Headers">Column names, without NODE.</param>
/// <param name="Rows">The rows of an answer, or null where it is not of the expected shape.</param>
internal sealed record InspectTable(IReadOnlyList<string> Headers, Func<JsonElement, IEnumerable<IReadOnlyList<string>>?> Rows)
{
    public static InspectTable Values { get; } = new(["VALUE"], value => [[JsonCell.Of(value)]]);

    public static InspectTable Ping { get; } = new(["ANSWER"], value => [[JsonCell.Of(JsonCell.Get(value, "ok") ?? value)]]);

    public static InspectTable Clock { get; } = new(["VALUE"], value => [[JsonCell.Of(JsonCell.Get(value, "clock") ?? value)]]);

    public static InspectTable Items { get; } = new(["VALUE"], value => List(value)?.Select(one => new[] { JsonCell.Of(one) }));

    public static InspectTable Registered { get; } = new(["TASK"], value => List(value)?.Select(one => new[] { JsonCell.Of(one) }));

    public static InspectTable Stats { get; } = new(
        ["PID", "UPTIME", "POOL", "SLOTS", "PREFETCH", "PROCESSED", "LABELS", "MACHINE"],
        value => value.ValueKind != JsonValueKind.Object || JsonCell.Get(value, "error") is not null ? null :
        [[
            JsonCell.Of(JsonCell.Get(value, "pid")), JsonCell.Seconds(JsonCell.Get(value, "uptime")), PoolOf(value),
            JsonCell.Of(JsonCell.Get(value, "pool", "max-concurrency")), JsonCell.Of(JsonCell.Get(value, "prefetch_count")), Processed(JsonCell.Get(value, "total")),
            Pairs(JsonCell.Get(value, "labels")), Machine(JsonCell.Get(value, "facts")),
        ]]);

    public static InspectTable Tasks { get; } = new(["ID", "NAME", "ARGS", "KWARGS", "SINCE", "PID"], value => List(value)?.Select(TaskRow));

    public static InspectTable Scheduled { get; } = new(
        ["ID", "NAME", "ARGS", "KWARGS", "ETA", "PRIORITY"],
        value => List(value)?.Select(one => (IReadOnlyList<string>)
        [
            .. TaskRow(JsonCell.Get(one, "request") ?? one).Take(4), JsonCell.Of(JsonCell.Get(one, "eta")), JsonCell.Of(JsonCell.Get(one, "priority")),
        ]));

    public static InspectTable Queues { get; } = new(
        ["QUEUE", "EXCHANGE", "KEY"],
        value => List(value)?.Select(one => new[]
        {
            JsonCell.Of(JsonCell.Get(one, "name") ?? one), JsonCell.Of(JsonCell.Get(one, "exchange", "name") ?? JsonCell.Get(one, "exchange")),
            JsonCell.Of(JsonCell.Get(one, "routing_key")),
        }));

    public static InspectTable Settings { get; } = new(["SETTING", "VALUE"], value => Members(value)?.Select(one => new[] { JsonCell.Plain(one.Name), JsonCell.Of(one.Value) }));

    public static InspectTable Queried { get; } = new(
        ["ID", "STATE", "NAME", "ARGS", "KWARGS", "SINCE", "PID"],
        value => Members(value)?.Select(one => one.Value is { ValueKind: JsonValueKind.Array } pair && pair.GetArrayLength() == 2
            ? [JsonCell.Plain(one.Name), JsonCell.Of(pair[0]), .. TaskRow(pair[1]).Skip(1)]
            : (IReadOnlyList<string>)[JsonCell.Plain(one.Name), JsonCell.Of(one.Value), "-", "-", "-", "-", "-"]));

    /// <summary>The rows of all answers, with their nodes.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Make(IReadOnlyList<ControlReply> replies) =>
        [.. replies.SelectMany(reply => RowsOf(reply).Select(row => (IReadOnlyList<string>)[JsonCell.Plain(reply.Node), .. row]))];

    private IEnumerable<IReadOnlyList<string>> RowsOf(ControlReply reply)
    {
        JsonElement value = reply.Value.Deserialize<JsonElement>();
        return Rows(value) ?? [[JsonCell.Of(value), .. Headers.Skip(1).Select(_ => "-")]];
    }

    private static JsonElement[]? List(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : null;

    private static JsonProperty[]? Members(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && JsonCell.Get(value, "error") is null ? [.. value.EnumerateObject()] : null;

    private static IReadOnlyList<string> TaskRow(JsonElement task) =>
    [
        JsonCell.Of(JsonCell.Get(task, "id") ?? task), JsonCell.Of(JsonCell.Get(task, "name")), JsonCell.Of(JsonCell.Get(task, "args")),
        JsonCell.Of(JsonCell.Get(task, "kwargs")), JsonCell.Time(JsonCell.Get(task, "time_start")), JsonCell.Of(JsonCell.Get(task, "worker_pid")),
    ];

    // Celery names no pool in its answer; child processes say which kind it is, and newer versions give the class.
    private static string PoolOf(JsonElement stats) => JsonCell.Get(stats, "pool", "implementation") switch
    {
        { } name => JsonCell.Of(name),
        null when JsonCell.Get(stats, "pool", "processes") is { ValueKind: JsonValueKind.Array } => "processes",
        _ => "-",
    };

    private static string Pairs(JsonElement? labels) => labels is { ValueKind: JsonValueKind.Object } some && some.EnumerateObject().Any()
        ? string.Join(' ', some.EnumerateObject().Select(label => label.Value.ValueKind == JsonValueKind.True ? JsonCell.Plain(label.Name) : $"{JsonCell.Plain(label.Name)}={JsonCell.Of(label.Value)}"))
        : "-";

    private static string Machine(JsonElement? facts)
    {
        if (facts is not { ValueKind: JsonValueKind.Object })
            return "-";
        string memory = JsonCell.Get(facts, "memory") is { ValueKind: JsonValueKind.Number } bytes && bytes.TryGetInt64(out long size) ? $" {size >> 20} MiB" : "";
        string model = JsonCell.Get(facts, "model") is { } board ? $" {JsonCell.Of(board)}" : "";
        return $"{JsonCell.Of(JsonCell.Get(facts, "arch"))} {JsonCell.Of(JsonCell.Get(facts, "cores"))} cores{memory}{model}";
    }

    private static string Processed(JsonElement? total)
    {
        if (total is not { ValueKind: JsonValueKind.Object } counts)
            return JsonCell.Of(total);
        long sum = 0;
        foreach (JsonProperty count in counts.EnumerateObject())
        {
            if (count.Value.ValueKind != JsonValueKind.Number || !count.Value.TryGetInt64(out long number))
                return JsonCell.Of(total);
            sum += number;
        }

        return $"{sum}";
    }
}
