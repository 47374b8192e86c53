using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>One pass over an envelope. Strings that repeat (the id stands in three places) are made once.</summary>
internal ref struct EnvelopeReader
{
    private readonly ReadOnlyMemory<byte> _text;
    private Utf8JsonReader _reader;
    private HeaderFields _headers;
    private PropertyFields _properties;
    private ReadOnlyMemory<byte> _body;
    private bool _hasBody;
    private string? _contentType;
    private string? _contentEncoding;

    private EnvelopeReader(ReadOnlyMemory<byte> text)
    {
        _text = text;
        _reader = JsonText.Open(text.Span);
    }

    public static TaskMessage Read(ReadOnlyMemory<byte> envelope)
    {
        JsonText.RequireUtf8(envelope.Span, "envelope");
        EnvelopeReader pass = new(envelope);
        try
        {
            pass.ReadEnvelope();
        }
        catch (Exception error) when (JsonText.IsFault(error))
        {
            throw JsonFault.Describe("envelope", envelope.Span, error, pass._reader.TokenStartIndex);
        }

        return pass.ToMessage();
    }

    private void ReadEnvelope()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw new MessageFormatException("The envelope is not a JSON object; a task message is one.", position: _reader.TokenStartIndex);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = JsonText.Name(ref _reader);
            _reader.Read();
            if (name.SequenceEqual("body"u8))
                ReadBody();
            else if (name.SequenceEqual("headers"u8))
                _headers.Read(ref _reader, _text);
            else if (name.SequenceEqual("properties"u8))
                _properties.Read(ref _reader, _headers.Id);
            else if (name.SequenceEqual("content-type"u8))
                _contentType = JsonField.Text(ref _reader, "content-type", "application/json");
            else if (name.SequenceEqual("content-encoding"u8))
                _contentEncoding = JsonField.Text(ref _reader, "content-encoding", "utf-8");
            else
                _reader.Skip();
        }

        JsonText.RequireEnd(ref _reader);
    }

    private void ReadBody()
    {
        if (_reader.TokenType != JsonTokenType.String)
            throw JsonField.Wrong(ref _reader, "body", "text");
        _hasBody = true;
        if (!_reader.ValueIsEscaped)
        {
            int start = (int)_reader.TokenStartIndex + 1;
            _body = _text.Slice(start, _reader.ValueSpan.Length);
            return;
        }

        byte[] unescaped = new byte[_reader.ValueSpan.Length];
        _body = unescaped.AsMemory(0, _reader.CopyString(unescaped));
    }

    private readonly TaskMessage ToMessage()
    {
        string contentType = _contentType
            ?? throw Missing("content-type", "It must be application/json.");
        EnvelopeRules.RequireJson(contentType, _contentEncoding);
        if (_headers.Task is null)
        {
            throw new MessageFormatException(
                "The message has no headers.task, so it is Celery's protocol 1 or no task at all. Protocol 1 is not read: set task_protocol = 2 (Celery's default) where it was sent.",
                "headers.task");
        }

        if (!_hasBody)
            throw Missing("body", "It must be the base64 of [args, kwargs, embed].");
        string exchange = _properties.Exchange ?? "";
        string routingKey = _properties.RoutingKey
            ?? throw Missing("properties.delivery_info.routing_key", "It must name the queue.");
        return new TaskMessage
        {
            Id = _headers.Id ?? throw Missing("headers.id", "Every task message has an id."),
            Task = _headers.Task,
            Language = _headers.Language ?? "",
            RootId = _headers.RootId,
            ParentId = _headers.ParentId,
            GroupId = _headers.GroupId,
            GroupIndex = _headers.GroupIndex,
            Shadow = _headers.Shadow,
            Eta = _headers.Eta,
            Expires = _headers.Expires,
            Retries = _headers.Retries ?? 0,
            TimeLimits = _headers.TimeLimits,
            ArgsRepr = _headers.ArgsRepr,
            KwargsRepr = _headers.KwargsRepr,
            Origin = _headers.Origin,
            IgnoreResult = _headers.IgnoreResult,
            Headers = _headers.Others ?? TaskMessage.EmptyHeaders,
            ContentType = contentType,
            ContentEncoding = _contentEncoding ?? "utf-8",
            Compression = _headers.Compression,
            CorrelationId = _properties.CorrelationId,
            ReplyTo = _properties.ReplyTo,
            Priority = _properties.Priority ?? 0,
            Exchange = exchange,
            RoutingKey = routingKey,
            DeliveryTag = _properties.DeliveryTag ?? throw Missing("properties.delivery_tag", "Every delivered copy has its own."),
            DeliveryMode = _properties.DeliveryMode ?? 2,
            Redelivered = _headers.Redelivered || _properties.Redelivered,
            BodyEncoding = _properties.BodyEncoding,
            EncodedBody = _body,
        };
    }

    private static MessageFormatException Missing(string field, string rule) =>
        new($"The message has no {field}. {rule} The sender must set it.", field);
}
