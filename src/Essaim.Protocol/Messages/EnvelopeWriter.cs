using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Writes an envelope in Python's key order. The body stands first: <see cref="MessageTemplate"/> splits there.</summary>
internal static class EnvelopeWriter
{
    /// <summary>What precedes the body's text in every envelope.</summary>
    public static ReadOnlySpan<byte> BeforeBody => "{\"body\":\""u8;

    /// <summary>Writes a message that <see cref="EnvelopeRules.RequireWritable"/> let pass, with a body that is base64.</summary>
    public static void Write(Utf8JsonWriter writer, TaskMessage message, ReadOnlySpan<byte> base64)
    {
        writer.WriteStartObject();
        writer.WriteString("body"u8, base64);
        writer.WriteString("content-encoding"u8, "utf-8"u8);
        writer.WriteString("content-type"u8, "application/json"u8);
        WriteHeaders(writer, message);
        WriteProperties(writer, message);
        writer.WriteEndObject();
    }

    private static void WriteHeaders(Utf8JsonWriter writer, TaskMessage message)
    {
        writer.WriteStartObject("headers"u8);
        writer.WriteString("lang"u8, message.Language);
        writer.WriteString("task"u8, message.Task);
        writer.WriteString("id"u8, message.Id);
        writer.WriteString("shadow"u8, message.Shadow);
        writer.WriteInstant("eta"u8, message.Eta);
        writer.WriteInstant("expires"u8, message.Expires);
        writer.WriteString("group"u8, message.GroupId);
        writer.WriteWhole("group_index"u8, message.GroupIndex);
        writer.WriteNumber("retries"u8, message.Retries);
        writer.WriteStartArray("timelimit"u8);
        writer.WriteSeconds(message.TimeLimits.Hard);
        writer.WriteSeconds(message.TimeLimits.Soft);
        writer.WriteEndArray();
        writer.WriteString("root_id"u8, message.RootId ?? message.Id);
        writer.WriteString("parent_id"u8, message.ParentId);
        writer.WriteString("argsrepr"u8, message.ArgsRepr);
        writer.WriteString("kwargsrepr"u8, message.KwargsRepr);
        writer.WriteString("origin"u8, message.Origin);
        if (message.IgnoreResult is { } ignore)
            writer.WriteBoolean("ignore_result"u8, ignore);
        else
            writer.WriteNull("ignore_result"u8);
        WriteSince53(writer, message.Headers);
        foreach ((string name, RawJson value) in message.Headers)
        {
            if (name is StandardHeaders.Nesting or StandardHeaders.StampedHeaders or StandardHeaders.Stamps)
                continue;
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
        }

        if (message.Compression is { } compression)
            writer.WriteString("compression"u8, compression);
        if (message.Redelivered)
            writer.WriteBoolean("redelivered"u8, true);
        writer.WriteEndObject();
    }

    private static void WriteSince53(Utf8JsonWriter writer, IReadOnlyDictionary<string, RawJson> others)
    {
        if (others.TryGetValue(StandardHeaders.Nesting, out RawJson nesting))
            writer.WriteRaw("replaced_task_nesting"u8, nesting);
        else
            writer.WriteNumber("replaced_task_nesting"u8, 0);
        writer.WriteRaw("stamped_headers"u8, others.TryGetValue(StandardHeaders.StampedHeaders, out RawJson stamped) ? stamped : RawJson.Null);
        writer.WriteRaw("stamps"u8, others.TryGetValue(StandardHeaders.Stamps, out RawJson stamps) ? stamps : RawJson.EmptyObject);
    }

    private static void WriteProperties(Utf8JsonWriter writer, TaskMessage message)
    {
        writer.WriteStartObject("properties"u8);
        writer.WriteString("correlation_id"u8, message.CorrelationId ?? message.Id);
        writer.WriteString("reply_to"u8, message.ReplyTo ?? "");
        writer.WriteNumber("delivery_mode"u8, message.DeliveryMode);
        writer.WriteStartObject("delivery_info"u8);
        writer.WriteString("exchange"u8, message.Exchange);
        writer.WriteString("routing_key"u8, message.RoutingKey);
        if (message.Redelivered)
            writer.WriteBoolean("redelivered"u8, true);
        writer.WriteEndObject();
        writer.WriteNumber("priority"u8, message.Priority);
        writer.WriteString("body_encoding"u8, "base64"u8);
        writer.WriteString("delivery_tag"u8, message.DeliveryTag);
        writer.WriteEndObject();
    }
}
