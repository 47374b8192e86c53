using System.Buffers;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>A completion as the feed keeps it: a small JSON object.</summary>
internal static class CompletionJson
{
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _scratch;

    /// <summary>One completion. Valid until the next call on this thread.</summary>
    public static ReadOnlySpan<byte> Write(Completion completion)
    {
        (ArrayBufferWriter<byte> buffer, Utf8JsonWriter json) = Begin();
        Write(json, completion);
        return buffer.WrittenSpan;
    }

    /// <summary>Completions of settlements, a line each. Valid until the next call on this thread.</summary>
    public static ReadOnlySpan<byte> WriteLines(IReadOnlyList<Settlement> settlements, IReadOnlyList<int> which)
    {
        (ArrayBufferWriter<byte> buffer, Utf8JsonWriter json) = Begin();
        for (int i = 0; i < which.Count; i++)
        {
            if (i > 0)
                buffer.Write("\n"u8);
            json.Reset();
            Write(json, settlements[which[i]].Completion!);
        }

        return buffer.WrittenSpan;
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) Begin()
    {
        if (_scratch is not var (buffer, json) || buffer is null)
        {
            buffer = new ArrayBufferWriter<byte>(512);
            json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
            _scratch = (buffer, json);
        }

        buffer.ResetWrittenCount();
        json.Reset();
        return (buffer, json);
    }

    private static void Write(Utf8JsonWriter json, Completion completion)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, completion.TaskId);
        json.WriteString("task"u8, completion.TaskName);
        json.WriteString("state"u8, completion.State.Name);
        json.WriteString("queue"u8, completion.Queue);
        json.WriteString("worker"u8, completion.Worker);
        json.WriteNumber("at"u8, completion.At.UtcTicks);
        json.WriteNumber("runtime"u8, completion.Runtime.Ticks);
        if (completion.RootId is { } root && root != completion.TaskId)
            json.WriteString("root"u8, root);
        else if (completion.RootId is null)
            json.WriteNull("root"u8);
        json.WriteEndObject();
        json.Flush();
    }

    /// <exception cref="JsonException">Not what <see cref="Write(Completion)"/> makes.</exception>
    public static Completion Read(ReadOnlySpan<byte> text)
    {
        Utf8JsonReader reader = new(text);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement root = document.RootElement;
        string id = root.GetProperty("id"u8).GetString()!;
        return new Completion(
            id,
            root.GetProperty("task"u8).GetString()!,
            new TaskState(root.GetProperty("state"u8).GetString()!),
            root.GetProperty("queue"u8).GetString()!,
            root.GetProperty("worker"u8).GetString()!,
            new DateTimeOffset(root.GetProperty("at"u8).GetInt64(), TimeSpan.Zero),
            new TimeSpan(root.GetProperty("runtime"u8).GetInt64()),
            root.TryGetProperty("root"u8, out JsonElement rootId) ? rootId.GetString() : id);
    }
}
