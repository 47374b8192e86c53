namespace Essaim.Protocol;

/// <summary>Names of headers that <see cref="TaskMessage"/> has properties for, and the three of Celery 5.3+ that pass through raw.</summary>
internal static class StandardHeaders
{
    public const string Nesting = "replaced_task_nesting";
    public const string StampedHeaders = "stamped_headers";
    public const string Stamps = "stamps";

    private static readonly HashSet<string> Own =
    [
        "lang", "task", "id", "shadow", "eta", "expires", "group", "group_index", "retries", "timelimit", "root_id", "parent_id",
        "argsrepr", "kwargsrepr", "origin", "ignore_result", "compression", "redelivered",
    ];

    /// <summary>True for a header that has its own property, which may not be given among the others as well.</summary>
    public static bool HasProperty(string name) => Own.Contains(name);

    public static string? WellKnown(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("replaced_task_nesting"u8) ? Nesting
        : name.SequenceEqual("stamped_headers"u8) ? StampedHeaders
        : name.SequenceEqual("stamps"u8) ? Stamps
        : null;

    /// <summary>True where the header says only what its absence says.</summary>
    public static bool IsDefault(string name, RawJson value) => name switch
    {
        Nesting => value.Utf8.Span is [(byte)'0'],
        StampedHeaders => value.IsNull,
        Stamps => value.Utf8.Span is [(byte)'{', (byte)'}'],
        _ => false,
    };
}
