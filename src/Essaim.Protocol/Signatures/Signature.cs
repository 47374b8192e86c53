using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>
/// A task with (some of) its arguments and options, not yet sent: a step of a chain, a member of a group, a chord body,
/// a callback. Celery's JSON form is <c>{"task", "args", "kwargs", "options", "subtask_type", "immutable"}</c>.
/// </summary>
public sealed record Signature
{
    /// <summary>Registered task name, or <c>celery.chain</c>, <c>celery.group</c>, <c>celery.chord</c> for canvas types.</summary>
    public required string Task { get; init; }

    /// <summary>Positional arguments: a JSON list.</summary>
    public RawJson Args { get; init; } = RawJson.EmptyArray;

    /// <summary>Keyword arguments: a JSON object. For canvas types it holds <c>tasks</c>, or <c>header</c> and <c>body</c>.</summary>
    public RawJson Kwargs { get; init; } = RawJson.EmptyObject;

    /// <summary>Options as of <c>apply_async</c>.</summary>
    public SignatureOptions Options { get; init; } = SignatureOptions.None;

    /// <summary>Null, <c>chain</c>, <c>group</c>, <c>chord</c>, <c>xmap</c>, <c>xstarmap</c>, <c>chunks</c>.</summary>
    public string? SubtaskType { get; init; }

    /// <summary>True: the previous result is not prepended to the arguments.</summary>
    public bool Immutable { get; init; }

    /// <summary>A chain of steps in running order.</summary>
    public static Signature ChainOf(IReadOnlyList<Signature> tasks, SignatureOptions? options = null) =>
        CanvasJson.Tasks("celery.chain", "chain", tasks, options);

    /// <summary>A group: members run side by side.</summary>
    public static Signature GroupOf(IReadOnlyList<Signature> tasks, SignatureOptions? options = null) =>
        CanvasJson.Tasks("celery.group", "group", tasks, options);

    /// <summary>A chord: <paramref name="body"/> runs with the list of the header's results.</summary>
    public static Signature ChordOf(IReadOnlyList<Signature> header, Signature body, SignatureOptions? options = null) =>
        CanvasJson.Chord(header, body, options);

    /// <summary>The members of a chain or group (<c>kwargs.tasks</c>), running order; empty for other types.</summary>
    /// <exception cref="MessageFormatException">A member is not a signature.</exception>
    public IReadOnlyList<Signature> GetTasks() => SubtaskType is "chain" or "group" ? CanvasJson.List(Kwargs, "tasks") : [];

    /// <summary>The header of a chord: <c>kwargs.header</c>, given as a list or as a group; empty for other types.</summary>
    /// <exception cref="MessageFormatException">A member is not a signature.</exception>
    public IReadOnlyList<Signature> GetHeader()
    {
        if (SubtaskType != "chord")
            return [];
        IReadOnlyList<Signature> header = CanvasJson.List(Kwargs, "header");
        return header is [{ SubtaskType: "group" } group] && CanvasJson.IsObject(Kwargs, "header") ? group.GetTasks() : header;
    }

    /// <summary>The body of a chord (<c>kwargs.body</c>), or null.</summary>
    /// <exception cref="MessageFormatException">The body is not a signature.</exception>
    public Signature? GetBody() => SubtaskType == "chord" && CanvasJson.List(Kwargs, "body") is [Signature body] ? body : null;

    /// <summary>Reads a signature object. Unknown keys are ignored. Parts of the result are slices of the memory of <paramref name="json"/>.</summary>
    /// <exception cref="MessageFormatException">Not a signature, or signatures nested more than 64 deep.</exception>
    public static Signature Decode(RawJson json)
    {
        JsonText.RequireUtf8(json.Utf8.Span, "signature");
        Utf8JsonReader reader = JsonText.Open(json.Utf8.Span);
        try
        {
            reader.Read();
            Signature signature = SignatureReader.Read(ref reader, json.Utf8, "signature", 0);
            JsonText.RequireEnd(ref reader);
            return signature;
        }
        catch (Exception error) when (JsonText.IsFault(error))
        {
            throw JsonFault.Describe("signature", json.Utf8.Span, error, reader.TokenStartIndex);
        }
    }

    /// <summary>Writes Celery's JSON form.</summary>
    /// <exception cref="MessageFormatException">A part is not JSON, or signatures are nested more than 64 deep.</exception>
    public RawJson Encode()
    {
        using JsonOutput json = JsonOutput.Rent();
        SignatureWriter.Write(json.Writer, this, 0);
        return new RawJson(json.Written.ToArray());
    }
}
