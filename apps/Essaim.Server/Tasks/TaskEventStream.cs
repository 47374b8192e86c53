using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Essaim.Storage;
using Microsoft.AspNetCore.Http;

namespace Essaim.Server;

/// <summary>Writes one task's entries, those kept and those that come, until it has ended.</summary>
internal sealed class TaskEventStream(HttpResponse response, ITaskHistory history, TaskSignals signals, TimeProvider time)
{
    private const int Page = 500;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Log lines travel apart from the end of the task and may come a little after it.</summary>
    private static readonly TimeSpan Afterglow = TimeSpan.FromMilliseconds(300);

    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <param name="id">The task.</param>
    /// <param name="after">Sequence of the last entry the client has seen; 0: none.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async Task RunAsync(string id, long after, CancellationToken cancellationToken)
    {
        using TaskSignals.Listener listener = signals.Listen(id);
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await WriteAsync("retry: 2000\n\n", cancellationToken);
        bool ending = false;
        while (true)
        {
            TaskRecord? record = await history.GetAsync(TaskRecord.DefaultTenant, id, cancellationToken);
            IReadOnlyList<TaskEntry> entries = await history.GetEntriesAsync(TaskRecord.DefaultTenant, id, after, Page, cancellationToken);
            foreach (TaskEntry entry in entries)
            {
                Append(entry, after);
                after = entry.Sequence;
            }

            await FlushAsync(cancellationToken);
            if (entries.Count == Page)
                continue;
            if (record is { IsEnded: true } && ending && entries.Count == 0)
            {
                await WriteAsync($"event: end\ndata: {JsonSerializer.Serialize(new { state = record.State.Name }, ApiJson.Options)}\n\n", cancellationToken);
                return;
            }

            ending = record is { IsEnded: true };
            if (!await listener.WaitAsync(ending ? Afterglow : Heartbeat, time, cancellationToken) && !ending)
                await WriteAsync(": waiting\n\n", cancellationToken);
        }
    }

    private void Append(TaskEntry entry, long after)
    {
        if (entry.Sequence > after + 1)
            Append(string.Create(CultureInfo.InvariantCulture, $"event: gap\ndata: {{\"from\":{after + 1},\"to\":{entry.Sequence - 1}}}\n\n"));
        string kind = entry.Kind switch
        {
            TaskEntryKind.State => "state",
            TaskEntryKind.Progress => "progress",
            _ => "log",
        };
        Append(string.Create(CultureInfo.InvariantCulture, $"id: {entry.Sequence}\nevent: {kind}\ndata: "));
        using (Utf8JsonWriter writer = new(_buffer, new JsonWriterOptions { Encoder = ApiJson.Options.Encoder }))
        {
            writer.WriteStartObject();
            writer.WriteString("at", entry.At);
            using JsonDocument data = JsonDocument.Parse(entry.Data.Utf8);
            foreach (JsonProperty property in data.RootElement.EnumerateObject())
                property.WriteTo(writer);
            writer.WriteEndObject();
        }

        Append("\n\n");
    }

    private void Append(string text) => Encoding.UTF8.GetBytes(text, _buffer);

    private Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        Append(text);
        return FlushAsync(cancellationToken);
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_buffer.WrittenCount == 0)
            return;
        await response.Body.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        _buffer.ResetWrittenCount();
    }
}
