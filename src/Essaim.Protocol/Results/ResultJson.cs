using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Result documents to bytes and back.</summary>
internal static class ResultJson
{
    public static ResultDocument Read(ReadOnlyMemory<byte> text)
    {
        JsonText.RequireUtf8(text.Span, "result document");
        Utf8JsonReader reader = JsonText.Open(text.Span);
        try
        {
            return Read(ref reader, text);
        }
        catch (Exception error) when (JsonText.IsFault(error))
        {
            throw JsonFault.Describe("result document", text.Span, error, reader.TokenStartIndex);
        }
    }

    private static ResultDocument Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonField.Wrong(ref reader, "result document", "an object");
        string? taskId = null, status = null, traceback = null, groupId = null, parentId = null, task = null, worker = null, queue = null;
        RawJson result = RawJson.Null, children = RawJson.EmptyArray;
        RawJson? args = null, kwargs = null;
        DateTimeOffset? dateDone = null;
        int? retries = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = JsonText.Name(ref reader);
            reader.Read();
            if (name.SequenceEqual("status"u8))
                status = JsonField.Text(ref reader, "status", "SUCCESS");
            else if (name.SequenceEqual("result"u8))
                result = JsonText.Slice(ref reader, text);
            else if (name.SequenceEqual("traceback"u8))
                traceback = JsonField.Text(ref reader, "traceback");
            else if (name.SequenceEqual("children"u8))
                children = Children(ref reader, text);
            else if (name.SequenceEqual("date_done"u8))
                dateDone = JsonField.Instant(ref reader, "date_done");
            else if (name.SequenceEqual("group_id"u8))
                groupId = JsonField.Text(ref reader, "group_id");
            else if (name.SequenceEqual("parent_id"u8))
                parentId = JsonField.Text(ref reader, "parent_id");
            else if (name.SequenceEqual("task_id"u8))
                taskId = JsonField.Text(ref reader, "task_id");
            else if (name.SequenceEqual("name"u8))
                task = JsonField.Text(ref reader, "name");
            else if (name.SequenceEqual("args"u8))
                args = JsonText.Slice(ref reader, text);
            else if (name.SequenceEqual("kwargs"u8))
                kwargs = JsonText.Slice(ref reader, text);
            else if (name.SequenceEqual("worker"u8))
                worker = JsonField.Text(ref reader, "worker");
            else if (name.SequenceEqual("retries"u8))
                retries = JsonField.Whole(ref reader, "retries");
            else if (name.SequenceEqual("queue"u8))
                queue = JsonField.Text(ref reader, "queue");
            else
                reader.Skip();
        }

        JsonText.RequireEnd(ref reader);
        return new ResultDocument
        {
            TaskId = Required(taskId, "task_id"),
            State = new TaskState(Required(status, "status")),
            Result = result,
            Traceback = traceback,
            Children = children,
            DateDone = dateDone,
            GroupId = groupId,
            ParentId = parentId,
            Name = task,
            Args = args,
            Kwargs = kwargs,
            Worker = worker,
            Retries = retries,
            Queue = queue,
        };
    }

    public static void Write(Utf8JsonWriter writer, ResultDocument document)
    {
        JsonText.RequireValue(document.Result, "result");
        JsonText.RequireValue(document.Children, "children");
        writer.WriteStartObject();
        writer.WriteString("status"u8, Required(document.State.Name, "status"));
        writer.WriteRaw("result"u8, document.Result);
        writer.WriteString("traceback"u8, document.Traceback);
        writer.WriteRaw("children"u8, document.Children);
        writer.WriteInstant("date_done"u8, document.DateDone);
        Given(writer, "group_id"u8, document.GroupId);
        Given(writer, "parent_id"u8, document.ParentId);
        writer.WriteString("task_id"u8, Required(document.TaskId, "task_id"));
        Given(writer, "name"u8, document.Name);
        Given(writer, "args"u8, document.Args, "args");
        Given(writer, "kwargs"u8, document.Kwargs, "kwargs");
        Given(writer, "worker"u8, document.Worker);
        if (document.Retries is { } retries)
            writer.WriteNumber("retries"u8, retries);
        Given(writer, "queue"u8, document.Queue);
        writer.WriteEndObject();
    }

    private static RawJson Children(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text) =>
        reader.TokenType is JsonTokenType.StartArray or JsonTokenType.Null
            ? JsonText.Slice(ref reader, text)
            : throw JsonField.Wrong(ref reader, "children", "a list");

    private static void Given(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    private static void Given(Utf8JsonWriter writer, ReadOnlySpan<byte> name, RawJson? value, string field)
    {
        if (value is not { } raw)
            return;
        JsonText.RequireValue(raw, field);
        writer.WriteRaw(name, raw);
    }

    private static string Required(string? value, string field) => string.IsNullOrEmpty(value)
        ? throw new MessageFormatException($"The result document has no {field}. Celery writes one in every result.", field)
        : value;
}
