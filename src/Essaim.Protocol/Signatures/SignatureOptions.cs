namespace Essaim.Protocol;

/// <summary>Options of a signature: Celery's <c>apply_async</c> options by their wire names. Null means not given.</summary>
public sealed record SignatureOptions
{
    /// <summary>No options.</summary>
    public static SignatureOptions None { get; } = new();

    /// <summary><c>task_id</c>: must be used as the id of the message.</summary>
    public string? TaskId { get; init; }

    /// <summary><c>root_id</c>.</summary>
    public string? RootId { get; init; }

    /// <summary><c>parent_id</c>.</summary>
    public string? ParentId { get; init; }

    /// <summary><c>group_id</c>.</summary>
    public string? GroupId { get; init; }

    /// <summary><c>group_index</c>.</summary>
    public int? GroupIndex { get; init; }

    /// <summary><c>queue</c>.</summary>
    public string? Queue { get; init; }

    /// <summary><c>exchange</c>.</summary>
    public string? Exchange { get; init; }

    /// <summary><c>routing_key</c>.</summary>
    public string? RoutingKey { get; init; }

    /// <summary><c>reply_to</c>.</summary>
    public string? ReplyTo { get; init; }

    /// <summary><c>priority</c>, 0 (highest) to 9.</summary>
    public int? Priority { get; init; }

    /// <summary><c>countdown</c>, seconds on the wire.</summary>
    public TimeSpan? Countdown { get; init; }

    /// <summary><c>eta</c>.</summary>
    public DateTimeOffset? Eta { get; init; }

    /// <summary><c>expires</c> as an instant.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary><c>expires</c> given as a number: seconds after sending.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary><c>retries</c>.</summary>
    public int? Retries { get; init; }

    /// <summary><c>time_limit</c> (hard), seconds on the wire.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary><c>soft_time_limit</c>, seconds on the wire.</summary>
    public TimeSpan? SoftTimeLimit { get; init; }

    /// <summary><c>serializer</c>.</summary>
    public string? Serializer { get; init; }

    /// <summary><c>compression</c>: short or mime name.</summary>
    public string? Compression { get; init; }

    /// <summary><c>shadow</c>.</summary>
    public string? Shadow { get; init; }

    /// <summary><c>ignore_result</c>.</summary>
    public bool? IgnoreResult { get; init; }

    /// <summary><c>headers</c>: extra message headers.</summary>
    public IReadOnlyDictionary<string, RawJson>? Headers { get; init; }

    /// <summary><c>chord</c>: the body this task counts towards.</summary>
    public Signature? Chord { get; init; }

    /// <summary><c>chain</c>: remaining steps, wire order (reversed).</summary>
    public IReadOnlyList<Signature>? Chain { get; init; }

    /// <summary><c>link</c>: callbacks; one object or a list on the wire.</summary>
    public IReadOnlyList<Signature>? Link { get; init; }

    /// <summary><c>link_error</c>: errbacks.</summary>
    public IReadOnlyList<Signature>? LinkError { get; init; }

    /// <summary>Every other option by its wire name; kept, not interpreted.</summary>
    public IReadOnlyDictionary<string, RawJson>? Other { get; init; }
}
