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
        return new TaskLocation(place, queue, worker.Length == 0 ? null : worker, count, due);
    }

    public async ValueTask<Delivery?> ClaimAsync(string taskId, string worker, TimeSpan lease, CancellationToken cancellationToken)
    {
        RespCommand command = Begin(RedisScripts.ClaimTask, taskId, idempotent: false).Add((long)lease.TotalMilliseconds).Add(worker);
        long sentAt = link.Clock.Sending();
        return DeliveryReader.ReadOne(await link.EvalAsync(RedisScripts.ClaimTask, command, cancellationToken), lease, link.Clock, sentAt);
    }

    private RespCommand Begin(RedisScript script, string taskId, bool idempotent)
    {
        // As both sides write it: ASCII with \u escapes.
        string written = JsonSerializer.Serialize(taskId);
        return link.Call(script, idempotent).Add(taskId).Add($"\"id\": {written}").Add($"\"id\":{written}").Add(link.Steps);
    }
}
