namespace Essaim.Protocol;

/// <summary>What an envelope must satisfy before it is written, so that no Python worker exits over it, and before it is read.</summary>
internal static class EnvelopeRules
{
    /// <summary>Refuses what only a deserialiser that can run code, or a package, could read.</summary>
    public static void RequireJson(string contentType, string? contentEncoding)
    {
        if (!contentType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new MessageFormatException(
                $"The message's content type is {contentType}{Called(contentType)}. Only application/json is read; nothing in it was run. Send it with serializer = \"json\".",
                "content-type");
        }

        // kombu writes utf-8; the others are names under which the same bytes are also seen.
        if (contentEncoding is not (null or "utf-8" or "utf8" or "UTF-8" or "us-ascii" or "ascii" or "binary" or "ascii-8bit"))
        {
            throw new MessageFormatException(
                $"The message's content encoding is {contentEncoding}. Only utf-8 is read. Send it with serializer = \"json\".",
                "content-encoding");
        }
    }

    public static void RequireWritable(TaskMessage message)
    {
        RequireSet(message.Id, "headers.id");
        RequireSet(message.Task, "headers.task");
        RequireSet(message.DeliveryTag, "properties.delivery_tag");
        if (message.Exchange is null)
            throw Unset("properties.delivery_info.exchange");
        if (message.RoutingKey is null || message is { Exchange: "", RoutingKey: "" })
            throw Unset("properties.delivery_info.routing_key");
        RequireJson(message.ContentType, message.ContentEncoding);
        foreach ((string name, RawJson value) in message.Headers)
        {
            if (StandardHeaders.HasProperty(name))
            {
                throw new MessageFormatException(
                    $"The extra header {name} is one of Celery's own. Set the property of TaskMessage for it and take it out of Headers.",
                    $"headers.{name}");
            }

            JsonText.RequireValue(value, $"headers.{name}");
        }
    }

    private static void RequireSet(string? value, string field)
    {
        if (string.IsNullOrEmpty(value))
            throw Unset(field);
    }

    private static MessageFormatException Unset(string field) =>
        new($"The message cannot be written: {field} is not set. Without it the message would end every Python worker that reads it.", field);

    private static string Called(string contentType) => contentType switch
    {
        "application/x-python-serialize" => " (pickle)",
        "application/x-yaml" => " (YAML)",
        "application/x-msgpack" => " (msgpack)",
        "application/data" => " (raw bytes)",
        "text/plain" => " (text)",
        _ => "",
    };
}
