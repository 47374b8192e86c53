using System.Globalization;
using System.Text.Json;

namespace Essaim.Redis;

/// <summary>Finds the message of one task. Lists are looked through up to a bound; see <c>find.lua</c>.</summary>
internal sealed class TaskSearch(RedisLink link)
{
    public async ValueTask<TaskLocation?> FindAsync(string taskId, CancellationToken cancellationToken)
    {
        RespCommand command = Begin(RedisScripts.FindTask, taskId, idempotent: true);
        RespReader reader = (await link.EvalAsync(RedisScripts.FindTask, command, cancellationToken)).Read();
        if (reader.ReadArray() <= 0)
            return null;
        MessagePlace place = reader.ReadText() switch
        {
            "delayed" => MessagePlace.Delayed,
            "held" => MessagePlace.InFlight,
            "ready" => MessagePlace.Ready,
            _ => MessagePlace.Dead,
        };
        (string queue, string worker) = (reader.ReadText()!, reader.ReadText()!);
        int count = (int)reader.ReadInteger();
        DateTimeOffset? due = long.TryParse(reader.ReadText(), out long at) ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
        long? ahead = Number(reader.ReadText());
        (long? claimedAt, long? deadline) = (Number(reader.ReadText()), Number(reader.ReadText()));
        bool waits = reader.ReadInteger() == 1;
        string reason = reader.ReadText()!;
        bool revoked = reader.ReadInteger() == 1;
        ReadOnlyMemory<byte> envelope = reader.ReadBytes() ?? default;
        return new TaskLocation(place, queue, worker.Length == 0 ? null : worker, count, due)
        {
            Ahead = ahead,
            ClaimedAt = claimedAt is { } claimed ? DateTimeOffset.FromUnixTimeMilliseconds(claimed) : null,
            Deadline = deadline is { } runsOut ? DateTimeOffset.FromUnixTimeMilliseconds(runsOut) : null,
            WaitsForRate = waits,
            Reason = reason.Length > 0 ? reason : null,
            Revoked = revoked,
            Expires = EnvelopeExpiry.Of(envelope),
        };
    }

    public async ValueTask<Delivery?> ClaimAsync(string taskId, string worker, TimeSpan lease, CancellationToken cancellationToken)
    {
        RespCommand command = Begin(RedisScripts.ClaimTask, taskId, idempotent: false).Add((long)lease.TotalMilliseconds).Add(worker);
        long sentAt = link.Clock.Sending();
        return DeliveryReader.ReadOne(await link.EvalAsync(RedisScripts.ClaimTask, command, cancellationToken), lease, link.Clock, sentAt);
    }

    /// <summary>Scores come as text, which may have a fraction.</summary>
    private static long? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? (long)number : null;

    private RespCommand Begin(RedisScript script, string taskId, bool idempotent)
    {
        // As both sides write it: ASCII with \u escapes.
        string written = JsonSerializer.Serialize(taskId);
        return link.Call(script, idempotent).Add(taskId).Add($"\"id\": {written}").Add($"\"id\":{written}").Add(link.Steps);
    }
}
