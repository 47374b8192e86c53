using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Essaim.Protocol;
using Essaim.Storage;
using Microsoft.AspNetCore.Http;

namespace Essaim.Server;

/// <summary>Writes a kept log as server-sent events, until its task has ended. An event's id is the offset behind it.</summary>
internal sealed class TaskLogStream(HttpResponse response, IBackend backend, ITaskHistory history)
{
    private const int PiecesAtOnce = 64;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <param name="id">The task.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async Task RunAsync(string id, long from, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await WriteAsync("retry: 2000\n\n", cancellationToken);
        long quietSince = TimeProvider.System.GetTimestamp();
        while (true)
        {
            // A log is whole before its task has ended: so this is asked first.
            TaskState? state = await FindEndAsync(id, cancellationToken);
            bool last = state is not null;
            IReadOnlyList<TaskLogPiece> pieces = await backend.Logs.ReadAsync(id, from, PiecesAtOnce, last ? TimeSpan.Zero : Look, cancellationToken);
            StringBuilder events = new();
            foreach (TaskLogPiece piece in pieces)
            {
                if (piece.Offset > from)
                    events.Append(CultureInfo.InvariantCulture, $"event: gap\ndata: {{\"from\":{from},\"to\":{piece.Offset}}}\n\n");
                from = piece.End;
                Append(events, piece);
            }

            if (pieces.Count == 0 && last)
            {
                await WriteAsync($"event: end\ndata: {JsonSerializer.Serialize(new { state = state!.Value.Name }, ApiJson.Options)}\n\n", cancellationToken);
                return;
            }

            if (events.Length == 0 && TimeProvider.System.GetElapsedTime(quietSince) < Heartbeat)
                continue;
            await WriteAsync(events.Length > 0 ? events.ToString() : ": waiting\n\n", cancellationToken);
            quietSince = TimeProvider.System.GetTimestamp();
        }
    }

    private async ValueTask<TaskState?> FindEndAsync(string id, CancellationToken cancellationToken)
    {
        if (await backend.Results.GetAsync(id, cancellationToken) is { State.IsReady: true } document)
            return document.State;
        return await history.GetAsync(TaskRecord.DefaultTenant, id, cancellationToken) is { IsEnded: true } record ? record.State : null;
    }

    private static void Append(StringBuilder events, TaskLogPiece piece)
    {
        bool isText = Utf8.IsValid(piece.Bytes.Span);
        string data = JsonSerializer.Serialize(
            new
            {
                at = piece.At,
                text = isText ? Encoding.UTF8.GetString(piece.Bytes.Span) : null,
                base64 = isText ? null : Convert.ToBase64String(piece.Bytes.Span),
            },
            ApiJson.Options);
        string kind = piece.Source switch
        {
            TaskLogSource.Error => "error",
            TaskLogSource.Note => "note",
            _ => "output",
        };
        events.Append(CultureInfo.InvariantCulture, $"id: {piece.End}\nevent: {kind}\ndata: {data}\n\n");
    }

    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
