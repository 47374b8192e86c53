using System.Text;
using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>The <c>options</c> of a signature while they are read. A known option that is null reads as not given.</summary>
internal ref struct SignatureOptionsReader(ReadOnlyMemory<byte> text, int nesting)
{
    private string? _taskId;
    private string? _rootId;
    private string? _parentId;
    private string? _groupId;
    private int? _groupIndex;
    private string? _queue;
    private string? _exchange;
    private string? _routingKey;
    private string? _replyTo;
    private int? _priority;
    private TimeSpan? _countdown;
    private DateTimeOffset? _eta;
    private int? _retries;
    private TimeSpan? _timeLimit;
    private TimeSpan? _softTimeLimit;
    private string? _serializer;
    private string? _compression;
    private string? _shadow;
    private bool? _ignoreResult;
    private DateTimeOffset? _expires;
    private TimeSpan? _expiresIn;
    private Dictionary<string, RawJson>? _headers;
    private Signature? _chord;
    private IReadOnlyList<Signature>? _chain;
    private IReadOnlyList<Signature>? _link;
    private IReadOnlyList<Signature>? _linkError;
    private Dictionary<string, RawJson>? _other;

    public static SignatureOptions Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text, int nesting)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return SignatureOptions.None;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonField.Wrong(ref reader, "signature.options", "an object");
        SignatureOptionsReader options = new(text, nesting);
        bool any = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = JsonText.Name(ref reader);
            reader.Read();
            any = true;
            if (!options.ReadScalar(ref reader, name) && !options.ReadNested(ref reader, name))
                (options._other ??= [])[Encoding.UTF8.GetString(name)] = JsonText.Slice(ref reader, text);
        }

        return any ? options.Build() : SignatureOptions.None;
    }

    private bool ReadScalar(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("task_id"u8))
            _taskId = JsonField.Text(ref reader, "options.task_id");
        else if (name.SequenceEqual("root_id"u8))
            _rootId = JsonField.Text(ref reader, "options.root_id");
        else if (name.SequenceEqual("parent_id"u8))
            _parentId = JsonField.Text(ref reader, "options.parent_id");
        else if (name.SequenceEqual("group_id"u8))
            _groupId = JsonField.Text(ref reader, "options.group_id");
        else if (name.SequenceEqual("group_index"u8))
            _groupIndex = JsonField.Whole(ref reader, "options.group_index");
        else if (name.SequenceEqual("queue"u8))
            _queue = JsonField.Text(ref reader, "options.queue");
        else if (name.SequenceEqual("exchange"u8))
            _exchange = JsonField.Text(ref reader, "options.exchange");
        else if (name.SequenceEqual("routing_key"u8))
            _routingKey = JsonField.Text(ref reader, "options.routing_key");
        else if (name.SequenceEqual("reply_to"u8))
            _replyTo = JsonField.Text(ref reader, "options.reply_to");
        else if (name.SequenceEqual("priority"u8))
            _priority = JsonField.Whole(ref reader, "options.priority");
        else if (name.SequenceEqual("countdown"u8))
            _countdown = JsonField.Seconds(ref reader, "options.countdown");
        else if (name.SequenceEqual("eta"u8))
            _eta = JsonField.Instant(ref reader, "options.eta");
        else if (name.SequenceEqual("retries"u8))
            _retries = JsonField.Whole(ref reader, "options.retries");
        else if (name.SequenceEqual("time_limit"u8))
            _timeLimit = JsonField.Seconds(ref reader, "options.time_limit");
        else if (name.SequenceEqual("soft_time_limit"u8))
            _softTimeLimit = JsonField.Seconds(ref reader, "options.soft_time_limit");
        else if (name.SequenceEqual("serializer"u8))
            _serializer = JsonField.Text(ref reader, "options.serializer");
        else if (name.SequenceEqual("compression"u8))
            _compression = JsonField.Text(ref reader, "options.compression");
        else if (name.SequenceEqual("shadow"u8))
            _shadow = JsonField.Text(ref reader, "options.shadow");
        else if (name.SequenceEqual("ignore_result"u8))
            _ignoreResult = JsonField.Flag(ref reader, "options.ignore_result");
        else if (name.SequenceEqual("expires"u8) && reader.TokenType == JsonTokenType.Number)
            _expiresIn = JsonField.Seconds(ref reader, "options.expires");
        else if (name.SequenceEqual("expires"u8))
            _expires = JsonField.Instant(ref reader, "options.expires");
        else
            return false;
        return true;
    }

    private bool ReadNested(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        bool absent = reader.TokenType == JsonTokenType.Null;
        if (name.SequenceEqual("chord"u8))
            _chord = absent ? null : SignatureReader.Read(ref reader, text, "options.chord", nesting + 1);
        else if (name.SequenceEqual("chain"u8))
            _chain = absent ? null : SignatureReader.ReadList(ref reader, text, "options.chain", nesting + 1);
        else if (name.SequenceEqual("link"u8))
            _link = absent ? null : SignatureReader.ReadList(ref reader, text, "options.link", nesting + 1);
        else if (name.SequenceEqual("link_error"u8))
            _linkError = absent ? null : SignatureReader.ReadList(ref reader, text, "options.link_error", nesting + 1);
        else if (name.SequenceEqual("headers"u8))
            ReadHeaders(ref reader);
        else
            return false;
        return true;
    }

    private void ReadHeaders(ref Utf8JsonReader reader)
    {
        _headers = null;
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonField.Wrong(ref reader, "options.headers", "an object");
        _headers = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            _headers[name] = JsonText.Slice(ref reader, text);
        }
    }

    private readonly SignatureOptions Build() => new()
    {
        TaskId = _taskId,
        RootId = _rootId,
        ParentId = _parentId,
        GroupId = _groupId,
        GroupIndex = _groupIndex,
        Queue = _queue,
        Exchange = _exchange,
        RoutingKey = _routingKey,
        ReplyTo = _replyTo,
        Priority = _priority,
        Countdown = _countdown,
        Eta = _eta,
        Retries = _retries,
        TimeLimit = _timeLimit,
        SoftTimeLimit = _softTimeLimit,
        Serializer = _serializer,
        Compression = _compression,
        Shadow = _shadow,
        IgnoreResult = _ignoreResult,
        Expires = _expires,
        ExpiresIn = _expiresIn,
        Headers = _headers,
        Chord = _chord,
        Chain = _chain,
        Link = _link,
        LinkError = _linkError,
        Other = _other,
    };
}
