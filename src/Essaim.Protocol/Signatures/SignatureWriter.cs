using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Writes signatures in Celery's form; options that are not given are not written.</summary>
internal static class SignatureWriter
{
    public static void Write(Utf8JsonWriter writer, Signature signature, int nesting)
    {
        SignatureReader.RequireNesting(nesting, signature.Task, -1);
        if (string.IsNullOrEmpty(signature.Task))
            throw new MessageFormatException("A signature to be written names no task. Set its Task.", "signature.task");
        writer.WriteStartObject();
        writer.WriteString("task"u8, signature.Task);
        WriteChecked(writer, "args"u8, signature.Args, "signature.args");
        WriteChecked(writer, "kwargs"u8, signature.Kwargs, "signature.kwargs");
        writer.WriteStartObject("options"u8);
        WriteOptions(writer, signature.Options, nesting);
        writer.WriteEndObject();
        writer.WriteString("subtask_type"u8, signature.SubtaskType);
        writer.WriteBoolean("immutable"u8, signature.Immutable);
        writer.WriteEndObject();
    }

    /// <summary>A list, or null where it is empty: Celery's form in an embed.</summary>
    public static void WriteListOrNull(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<Signature> list)
    {
        if (list.Count == 0)
            writer.WriteNull(name);
        else
            WriteList(writer, name, list, 0);
    }

    public static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<Signature> list, int nesting)
    {
        writer.WriteStartArray(name);
        foreach (Signature signature in list)
            Write(writer, signature, nesting);
        writer.WriteEndArray();
    }

    private static void WriteOptions(Utf8JsonWriter writer, SignatureOptions options, int nesting)
    {
        if (ReferenceEquals(options, SignatureOptions.None))
            return;
        WriteScalars(writer, options);
        if (options.Chord is { } chord)
        {
            writer.WritePropertyName("chord"u8);
            Write(writer, chord, nesting + 1);
        }

        if (options.Chain is { } chain)
            WriteList(writer, "chain"u8, chain, nesting + 1);
        if (options.Link is { } link)
            WriteList(writer, "link"u8, link, nesting + 1);
        if (options.LinkError is { } linkError)
            WriteList(writer, "link_error"u8, linkError, nesting + 1);
        if (options.Headers is { } headers)
        {
            writer.WriteStartObject("headers"u8);
            WriteMap(writer, headers, "options.headers");
            writer.WriteEndObject();
        }

        if (options.Other is { } other)
            WriteMap(writer, other, "options");
    }

    private static void WriteScalars(Utf8JsonWriter writer, SignatureOptions options)
    {
        Text(writer, "task_id"u8, options.TaskId);
        Text(writer, "root_id"u8, options.RootId);
        Text(writer, "parent_id"u8, options.ParentId);
        Text(writer, "group_id"u8, options.GroupId);
        Whole(writer, "group_index"u8, options.GroupIndex);
        Text(writer, "queue"u8, options.Queue);
        Text(writer, "exchange"u8, options.Exchange);
        Text(writer, "routing_key"u8, options.RoutingKey);
        Text(writer, "reply_to"u8, options.ReplyTo);
        Whole(writer, "priority"u8, options.Priority);
        Seconds(writer, "countdown"u8, options.Countdown);
        Instant(writer, "eta"u8, options.Eta);
        Whole(writer, "retries"u8, options.Retries);
        Seconds(writer, "time_limit"u8, options.TimeLimit);
        Seconds(writer, "soft_time_limit"u8, options.SoftTimeLimit);
        Text(writer, "serializer"u8, options.Serializer);
        Text(writer, "compression"u8, options.Compression);
        Text(writer, "shadow"u8, options.Shadow);
        if (options.IgnoreResult is { } ignore)
            writer.WriteBoolean("ignore_result"u8, ignore);
        if (options.Expires is not null)
            Instant(writer, "expires"u8, options.Expires);
        else
            Seconds(writer, "expires"u8, options.ExpiresIn);
    }

    private static void Text(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    private static void Whole(Utf8JsonWriter writer, ReadOnlySpan<byte> name, int? value)
    {
        if (value is not null)
            writer.WriteWhole(name, value);
    }

    private static void Instant(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? value)
    {
        if (value is not null)
            writer.WriteInstant(name, value);
    }

    private static void Seconds(Utf8JsonWriter writer, ReadOnlySpan<byte> name, TimeSpan? value)
    {
        if (value is null)
            return;
        writer.WritePropertyName(name);
        writer.WriteSeconds(value);
    }

    private static void WriteMap(Utf8JsonWriter writer, IReadOnlyDictionary<string, RawJson> map, string field)
    {
        foreach ((string name, RawJson value) in map)
        {
            JsonText.RequireValue(value, $"{field}.{name}");
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
        }
    }

    private static void WriteChecked(Utf8JsonWriter writer, ReadOnlySpan<byte> name, RawJson value, string field)
    {
        JsonText.RequireValue(value, field);
        writer.WriteRaw(name, value);
    }
}
