using System.Text;
using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>The <c>headers</c> object of an envelope while it is read.</summary>
internal struct HeaderFields
{
    public string? Id;
    public string? Task;
    public string? Language;
    public string? RootId;
    public string? ParentId;
    public string? GroupId;
    public int? GroupIndex;
    public string? Shadow;
    public DateTimeOffset? Eta;
    public DateTimeOffset? Expires;
    public int? Retries;
    public TimeLimits TimeLimits;
    public string? ArgsRepr;
    public string? KwargsRepr;
    public string? Origin;
    public bool? IgnoreResult;
    public string? Compression;
    public bool Redelivered;
    public Dictionary<string, RawJson>? Others;

    public void Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonField.Wrong(ref reader, "headers", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = JsonText.Name(ref reader);
            reader.Read();
            if (!ReadStandard(ref reader, name))
                ReadOther(ref reader, name, text);
        }
    }

    /// <summary>The length parts the names first: comparing each with all would cost more than reading the values.</summary>
    private bool ReadStandard(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8):
                Id = Name(ref reader, "headers.id", RootId);
                return true;
            case 3 when name.SequenceEqual("eta"u8):
                Eta = JsonField.Instant(ref reader, "headers.eta");
                return true;
            case 4 when name.SequenceEqual("lang"u8):
                Language = JsonField.Text(ref reader, "headers.lang", "py");
                return true;
            case 4 when name.SequenceEqual("task"u8):
                Task = Name(ref reader, "headers.task", null);
                return true;
            case 5 when name.SequenceEqual("group"u8):
                GroupId = JsonField.Text(ref reader, "headers.group");
                return true;
            case 6 when name.SequenceEqual("shadow"u8):
                Shadow = JsonField.Text(ref reader, "headers.shadow");
                return true;
            case 6 when name.SequenceEqual("origin"u8):
                Origin = JsonField.Text(ref reader, "headers.origin");
                return true;
            case 7 when name.SequenceEqual("expires"u8):
                Expires = JsonField.Instant(ref reader, "headers.expires");
                return true;
            case 7 when name.SequenceEqual("retries"u8):
                Retries = JsonField.Whole(ref reader, "headers.retries");
                return true;
            case 7 when name.SequenceEqual("root_id"u8):
                RootId = JsonField.Text(ref reader, "headers.root_id", Id);
                return true;
            case 8 when name.SequenceEqual("argsrepr"u8):
                ArgsRepr = JsonField.Text(ref reader, "headers.argsrepr", "()");
                return true;
            case 9 when name.SequenceEqual("parent_id"u8):
                ParentId = JsonField.Text(ref reader, "headers.parent_id", RootId);
                return true;
            case 9 when name.SequenceEqual("timelimit"u8):
                TimeLimits = ReadLimits(ref reader);
                return true;
            case 10 when name.SequenceEqual("kwargsrepr"u8):
                KwargsRepr = JsonField.Text(ref reader, "headers.kwargsrepr", "{}");
                return true;
            case 11 when name.SequenceEqual("group_index"u8):
                GroupIndex = JsonField.Whole(ref reader, "headers.group_index");
                return true;
            case 11 when name.SequenceEqual("compression"u8):
                Compression = JsonField.Text(ref reader, "headers.compression", "application/x-gzip");
                return true;
            case 11 when name.SequenceEqual("redelivered"u8):
                Redelivered = JsonField.Flag(ref reader, "headers.redelivered") ?? false;
                return true;
            case 13 when name.SequenceEqual("ignore_result"u8):
                IgnoreResult = JsonField.Flag(ref reader, "headers.ignore_result");
                return true;
            default:
                return false;
        }
    }

    private void ReadOther(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name, ReadOnlyMemory<byte> text)
    {
        string key = StandardHeaders.WellKnown(name) ?? Encoding.UTF8.GetString(name);
        RawJson value = JsonText.Slice(ref reader, text);
        // Celery 5.3 and later send these three with every message; where they say nothing they are not worth a dictionary.
        if (!StandardHeaders.IsDefault(key, value))
            (Others ??= [])[key] = value;
    }

    private static string? Name(ref Utf8JsonReader reader, string field, string? likely)
    {
        long at = reader.TokenStartIndex;
        string? text = JsonField.Text(ref reader, field, likely);
        return text is not "" ? text : throw new MessageFormatException($"{field} (byte {at}) is empty. It must be set.", field, at);
    }

    private static TimeLimits ReadLimits(ref Utf8JsonReader reader)
    {
        const string field = "headers.timelimit";
        if (reader.TokenType == JsonTokenType.Null)
            return TimeLimits.None;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw JsonField.Wrong(ref reader, field, "[hard, soft]");
        Require(ref reader, more: true);
        TimeSpan? hard = JsonField.Seconds(ref reader, field);
        Require(ref reader, more: true);
        TimeSpan? soft = JsonField.Seconds(ref reader, field);
        Require(ref reader, more: false);
        return new TimeLimits(hard, soft);

        static void Require(ref Utf8JsonReader reader, bool more)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.EndArray == more)
                throw new MessageFormatException($"{field} (byte {reader.TokenStartIndex}) must be [hard, soft]: exactly two values.", field, reader.TokenStartIndex);
        }
    }
}
