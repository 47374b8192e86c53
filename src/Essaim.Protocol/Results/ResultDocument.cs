namespace Essaim.Protocol;

/// <summary>A stored result, <c>celery-task-meta-[id]</c>.</summary>
public sealed record ResultDocument
{
    /// <summary><c>task_id</c>.</summary>
    public required string TaskId { get; init; }

    /// <summary><c>status</c>.</summary>
    public required TaskState State { get; init; }

    /// <summary><c>result</c>: the return value, an exception document, or progress facts.</summary>
    public RawJson Result { get; init; }

    /// <summary><c>traceback</c>.</summary>
    public string? Traceback { get; init; }

    /// <summary><c>children</c>: what the task published, as nested result tuples; a JSON list.</summary>
    public RawJson Children { get; init; } = RawJson.EmptyArray;

    /// <summary><c>date_done</c>; null unless the state is ready.</summary>
    public DateTimeOffset? DateDone { get; init; }

    /// <summary><c>group_id</c>; written only where set.</summary>
    public string? GroupId { get; init; }

    /// <summary><c>parent_id</c>; written only where set.</summary>
    public string? ParentId { get; init; }

    /// <summary><c>name</c> (extended results).</summary>
    public string? Name { get; init; }

    /// <summary><c>args</c> (extended results).</summary>
    public RawJson? Args { get; init; }

    /// <summary><c>kwargs</c> (extended results).</summary>
    public RawJson? Kwargs { get; init; }

    /// <summary><c>worker</c> (extended results).</summary>
    public string? Worker { get; init; }

    /// <summary><c>retries</c> (extended results).</summary>
    public int? Retries { get; init; }

    /// <summary><c>queue</c> (extended results).</summary>
    public string? Queue { get; init; }

    /// <summary>Reads a stored document; unknown keys are ignored. Raw parts are slices of <paramref name="json"/>.</summary>
    /// <exception cref="MessageFormatException">Not a result document.</exception>
    public static ResultDocument Decode(ReadOnlyMemory<byte> json) => ResultJson.Read(json);

    /// <summary>Writes the document as Python reads it (dates with six fractional digits).</summary>
    /// <exception cref="MessageFormatException">The id or state is empty, or a raw part is not JSON.</exception>
    public byte[] Encode()
    {
        using JsonOutput json = JsonOutput.Rent();
        ResultJson.Write(json.Writer, this);
        return json.Written.ToArray();
    }
}
