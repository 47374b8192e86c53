namespace Essaim.Protocol;

/// <summary>The body <c>[args, kwargs, embed]</c> of a task message.</summary>
/// <param name="Args">Positional arguments: a JSON list.</param>
/// <param name="Kwargs">Keyword arguments: a JSON object.</param>
/// <param name="Embed">Callbacks, errbacks, rest of the chain, chord body.</param>
public sealed record TaskBody(RawJson Args, RawJson Kwargs, TaskEmbed Embed)
{
    /// <summary>Splits body text; missing embed keys and a null embed read as empty. The parts are slices of <paramref name="json"/>.</summary>
    /// <exception cref="MessageFormatException">Not a list of a list, an object and an object.</exception>
    public static TaskBody Decode(ReadOnlyMemory<byte> json)
    {
        (RawJson args, RawJson kwargs, TaskEmbed embed) = MessageBody.Split(json);
        return new TaskBody(args, kwargs, embed);
    }

    /// <summary>Writes the body text.</summary>
    /// <exception cref="MessageFormatException">The arguments are not JSON of the right shape.</exception>
    public byte[] Encode()
    {
        using JsonOutput json = Write();
        return json.Written.ToArray();
    }

    internal JsonOutput Write()
    {
        Require(Args, '[', "args", "a JSON list");
        Require(Kwargs, '{', "kwargs", "a JSON object");
        JsonOutput json = JsonOutput.Rent();
        json.Writer.WriteStartArray();
        json.Writer.WriteRawValue(Args.Utf8.Span, skipInputValidation: true);
        json.Writer.WriteRawValue(Kwargs.Utf8.Span, skipInputValidation: true);
        EmbedJson.Write(json.Writer, Embed);
        json.Writer.WriteEndArray();
        return json;
    }

    private static void Require(RawJson json, char opening, string field, string shape)
    {
        JsonText.RequireValue(json, field);
        if (json.Utf8.Span.TrimStart(" \t\r\n"u8)[0] != opening)
            throw new MessageFormatException($"The {field} to be written must be {shape}, and are something else.", field);
    }
}

/// <summary>What follows a task, carried in its body.</summary>
public sealed record TaskEmbed
{
    /// <summary>Nothing follows.</summary>
    public static TaskEmbed Empty { get; } = new();

    /// <summary>Signatures published with the result when the task succeeds.</summary>
    public IReadOnlyList<Signature> Callbacks { get; init; } = [];

    /// <summary>Signatures published with the failed id when the task fails.</summary>
    public IReadOnlyList<Signature> Errbacks { get; init; } = [];

    /// <summary>The remaining steps in wire order: reversed, so the next step is the LAST element.</summary>
    public IReadOnlyList<Signature> Chain { get; init; } = [];

    /// <summary>The chord body this task counts towards.</summary>
    public Signature? Chord { get; init; }

    /// <summary>True where nothing follows.</summary>
    public bool IsEmpty => Callbacks.Count == 0 && Errbacks.Count == 0 && Chain.Count == 0 && Chord is null;
}
