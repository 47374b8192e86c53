using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Reads signature objects, nested ones included.</summary>
internal static class SignatureReader
{
    /// <summary>Signatures inside options of signatures; Python itself gives up long before (its recursion limit is 1,000 frames).</summary>
    public const int MaxNesting = 64;

    public static Signature Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text, string field, int nesting)
    {
        long at = reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonField.Wrong(ref reader, field, "a signature (an object)");
        RequireNesting(nesting, field, at);
        string? task = null, subtaskType = null;
        RawJson args = RawJson.EmptyArray, kwargs = RawJson.EmptyObject;
        SignatureOptions options = SignatureOptions.None;
        bool immutable = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = JsonText.Name(ref reader);
            reader.Read();
            if (name.SequenceEqual("task"u8))
                task = JsonField.Text(ref reader, "signature.task");
            else if (name.SequenceEqual("args"u8))
                args = Part(ref reader, text, JsonTokenType.StartArray, "signature.args", "a list", args);
            else if (name.SequenceEqual("kwargs"u8))
                kwargs = Part(ref reader, text, JsonTokenType.StartObject, "signature.kwargs", "an object", kwargs);
            else if (name.SequenceEqual("options"u8))
                options = SignatureOptionsReader.Read(ref reader, text, nesting);
            else if (name.SequenceEqual("subtask_type"u8))
                subtaskType = JsonField.Text(ref reader, "signature.subtask_type");
            else if (name.SequenceEqual("immutable"u8))
                immutable = JsonField.Flag(ref reader, "signature.immutable") ?? false;
            else
                reader.Skip();
        }

        if (string.IsNullOrEmpty(task))
            throw new MessageFormatException($"The signature {(field == "signature" ? "" : $"in {field} ")}(byte {at}) names no task. It must have a non-empty \"task\".", "signature.task", at);
        return new Signature { Task = task, Args = args, Kwargs = kwargs, Options = options, SubtaskType = subtaskType, Immutable = immutable };
    }

    /// <summary>A list of signatures, one signature alone, or null.</summary>
    public static IReadOnlyList<Signature> ReadList(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text, string field, int nesting)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return [];
        if (reader.TokenType == JsonTokenType.StartObject)
            return [Read(ref reader, text, field, nesting)];
        if (reader.TokenType != JsonTokenType.StartArray)
            throw JsonField.Wrong(ref reader, field, "a list of signatures");
        List<Signature>? list = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            (list ??= []).Add(Read(ref reader, text, field, nesting));
        return list ?? (IReadOnlyList<Signature>)[];
    }

    public static void RequireNesting(int nesting, string field, long at)
    {
        if (nesting >= MaxNesting)
        {
            throw new MessageFormatException(
                $"The signature in {field} is nested {nesting + 1} deep, and {MaxNesting} are allowed. Send a long workflow as a chain, which is a list.", field, at);
        }
    }

    private static RawJson Part(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> text, JsonTokenType wanted, string field, string shape, RawJson absent)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return absent;
        return reader.TokenType == wanted ? JsonText.Slice(ref reader, text) : throw JsonField.Wrong(ref reader, field, shape);
    }
}
