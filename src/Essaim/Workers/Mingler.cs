using System.Buffers;
using System.Text.Json;
using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>At the start, asks the other workers what is revoked and how late it is by their clocks, beside all else: nothing waits for it.</summary>
internal sealed class Mingler(IControlBus bus, WorkerNode node, Revoker revoker, ILogger logger)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    /// <summary>Asks once.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            foreach (ControlReply reply in await bus.CallAsync(new ControlRequest("hello", Introduction(), null, node.Tick()), Wait, stop))
                Take(reply);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The worker stops.
        }
        catch (Exception failure)
        {
            WorkerLog.MingleFails(logger, failure);
        }
    }

    private RawJson Introduction()
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        json.WriteString("from_node"u8, node.Name);
        json.WritePropertyName("revoked"u8);
        json.WriteRawValue(revoker.Revoked.Encode().Utf8.Span);
        json.WriteEndObject();
        json.Flush();
        return new RawJson(buffer.WrittenMemory);
    }

    private void Take(ControlReply reply)
    {
        if (reply.Clock is { } sent)
            node.Adjust(sent);
        JsonElement value = reply.Value.Deserialize<JsonElement>();
        if (reply.Node == node.Name || value.ValueKind != JsonValueKind.Object)
            return;
        if (value.TryGetProperty("clock", out JsonElement clock) && clock.ValueKind == JsonValueKind.Number && clock.TryGetInt64(out long told))
            node.Adjust(told);
        if (value.TryGetProperty("revoked", out JsonElement theirs))
            revoker.Merge(theirs);
    }
}
