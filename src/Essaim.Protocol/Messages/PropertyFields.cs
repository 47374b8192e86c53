using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>The <c>properties</c> object of an envelope while it is read.</summary>
internal struct PropertyFields
{
    public string? CorrelationId;
    public string? ReplyTo;
    public int? Priority;
    public int? DeliveryMode;
    public string? DeliveryTag;
    public string? BodyEncoding;
    public string? Exchange;
    public string? RoutingKey;
    public bool Redelivered;

    public void Read(ref Utf8JsonReader reader, string? id)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonField.Wrong(ref reader, "properties", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = JsonText.Name(ref reader);
            reader.Read();
            if (name.SequenceEqual("correlation_id"u8))
                CorrelationId = JsonField.Text(ref reader, "properties.correlation_id", id);
            else if (name.SequenceEqual("reply_to"u8))
                ReplyTo = JsonField.Text(ref reader, "properties.reply_to");
            else if (name.SequenceEqual("priority"u8))
                Priority = JsonField.Whole(ref reader, "properties.priority");
            else if (name.SequenceEqual("delivery_mode"u8))
                DeliveryMode = JsonField.Whole(ref reader, "properties.delivery_mode");
            else if (name.SequenceEqual("delivery_tag"u8))
                DeliveryTag = ReadTag(ref reader);
            else if (name.SequenceEqual("body_encoding"u8))
                BodyEncoding = JsonField.Text(ref reader, "properties.body_encoding", "base64");
            else if (name.SequenceEqual("delivery_info"u8))
                ReadDeliveryInfo(ref reader);
            else
                reader.Skip();
        }
    }

    private static string? ReadTag(ref Utf8JsonReader reader)
    {
        const string field = "properties.delivery_tag";
        long at = reader.TokenStartIndex;
        string? tag = JsonField.Text(ref reader, field);
        return tag is not "" ? tag : throw new MessageFormatException($"{field} (byte {at}) is empty. It must be set.", field, at);
    }

    private void ReadDeliveryInfo(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonField.Wrong(ref reader, "properties.delivery_info", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = JsonText.Name(ref reader);
            reader.Read();
            if (name.SequenceEqual("exchange"u8))
                Exchange = JsonField.Text(ref reader, "properties.delivery_info.exchange");
            else if (name.SequenceEqual("routing_key"u8))
                RoutingKey = JsonField.Text(ref reader, "properties.delivery_info.routing_key", "celery");
            else if (name.SequenceEqual("redelivered"u8))
                Redelivered = JsonField.Flag(ref reader, "properties.delivery_info.redelivered") ?? false;
            else
                reader.Skip();
        }
    }
}
