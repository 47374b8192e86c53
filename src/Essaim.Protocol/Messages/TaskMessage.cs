namespace Essaim.Protocol;

/// <summary>
/// One task message of Celery's protocol 2: what stands in the envelope, its headers and its properties. The body stays
/// as it came (<see cref="EncodedBody"/>) until <see cref="MessageCodec.ReadBody"/> is asked for it.
/// </summary>
public sealed record TaskMessage
{
    private readonly string? _compression;
    private readonly string? _bodyEncoding = "base64";
    private readonly ReadOnlyMemory<byte> _encodedBody;
    private readonly bool _bodyChecked;

    /// <summary>Header <c>id</c>: the task's id, any non-empty string.</summary>
    public required string Id { get; init; }

    /// <summary>Header <c>task</c>: the registered name.</summary>
    public required string Task { get; init; }

    /// <summary>Header <c>lang</c>: who wrote it. Default <c>csharp</c>; Python writes <c>py</c>.</summary>
    public string Language { get; init; } = "csharp";

    /// <summary>Header <c>root_id</c>: first task of the workflow; null is written as <see cref="Id"/>.</summary>
    public string? RootId { get; init; }

    /// <summary>Header <c>parent_id</c>: the task that sent this one.</summary>
    public string? ParentId { get; init; }

    /// <summary>Header <c>group</c>.</summary>
    public string? GroupId { get; init; }

    /// <summary>Header <c>group_index</c>: position in the group, from 0.</summary>
    public int? GroupIndex { get; init; }

    /// <summary>Header <c>shadow</c>: the name shown in logs and events instead of <see cref="Task"/>.</summary>
    public string? Shadow { get; init; }

    /// <summary>Header <c>eta</c>: not before this instant.</summary>
    public DateTimeOffset? Eta { get; init; }

    /// <summary>Header <c>expires</c>: not after this instant.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Header <c>retries</c>: 0 on the first attempt.</summary>
    public int Retries { get; init; }

    /// <summary>Header <c>timelimit</c>.</summary>
    public TimeLimits TimeLimits { get; init; }

    /// <summary>Header <c>argsrepr</c>: arguments for people's eyes, at most 1,024 characters.</summary>
    public string? ArgsRepr { get; init; }

    /// <summary>Header <c>kwargsrepr</c>.</summary>
    public string? KwargsRepr { get; init; }

    /// <summary>Header <c>origin</c>: <c>gen[pid]@[host]</c>.</summary>
    public string? Origin { get; init; }

    /// <summary>Header <c>ignore_result</c>: true stores nothing; null leaves it to the task's definition.</summary>
    public bool? IgnoreResult { get; init; }

    /// <summary>Every other header by name (stamps, <c>essaim-*</c>, <c>traceparent</c>, users' own).</summary>
    public IReadOnlyDictionary<string, RawJson> Headers { get; init; } = EmptyHeaders;

    /// <summary>Envelope <c>content-type</c>; only <c>application/json</c> is ever read.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Envelope <c>content-encoding</c>.</summary>
    public string ContentEncoding { get; init; } = "utf-8";

    /// <summary>Header <c>compression</c>: mime name such as <c>application/x-gzip</c>, or null.</summary>
    public string? Compression
    {
        get => _compression;
        init => (_compression, _bodyChecked) = (value, false);
    }

    /// <summary>Property <c>correlation_id</c>; null is written as <see cref="Id"/>.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Property <c>reply_to</c>; null is written as an empty string.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Property <c>priority</c>, 0 (highest, the default) to 9.</summary>
    public int Priority { get; init; }

    /// <summary>Property <c>delivery_info.exchange</c>; empty for the anonymous exchange.</summary>
    public string Exchange { get; init; } = "";

    /// <summary>Property <c>delivery_info.routing_key</c>: the queue, where the exchange is anonymous.</summary>
    public required string RoutingKey { get; init; }

    /// <summary>Property <c>delivery_tag</c>: unique per delivered copy.</summary>
    public required string DeliveryTag { get; init; }

    /// <summary>Property <c>delivery_mode</c>; 2 (persistent) for tasks.</summary>
    public int DeliveryMode { get; init; } = 2;

    /// <summary>True where the message was delivered before.</summary>
    public bool Redelivered { get; init; }

    /// <summary>Property <c>body_encoding</c>: <c>base64</c>, or null / <c>utf-8</c> for plain text.</summary>
    public string? BodyEncoding
    {
        get => _bodyEncoding;
        init => (_bodyEncoding, _bodyChecked) = (value, false);
    }

    /// <summary>The envelope's <c>body</c> string as UTF-8, unescaped but neither base64-decoded nor decompressed.</summary>
    public ReadOnlyMemory<byte> EncodedBody
    {
        get => _encodedBody;
        init => (_encodedBody, _bodyChecked) = (value, false);
    }

    /// <summary>True where <see cref="MessageCodec.WithBody"/> made the body, so that writing need not read it again to know it is sound.</summary>
    internal bool BodyChecked
    {
        get => _bodyChecked;
        init => _bodyChecked = value;
    }

    internal static readonly IReadOnlyDictionary<string, RawJson> EmptyHeaders = new Dictionary<string, RawJson>();
}
