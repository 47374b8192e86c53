using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>Recorded steps, a hash for each task.</summary>
internal sealed class RedisStepStore(RedisLink link) : IStepStore
{
    public async ValueTask<IReadOnlyDictionary<string, RawJson>> ReadAsync(string taskId, CancellationToken cancellationToken)
    {
        RespCommand command = new RespCommand("HGETALL", idempotent: true).Add($"{link.Keys.Own}steps:{taskId}");
        RespReader reader = (await link.Client.SendAsync(command, cancellationToken)).Read();
        Dictionary<string, RawJson> steps = new(StringComparer.Ordinal);
        for (int left = reader.ReadArray(); left > 0; left -= 2)
        {
            string step = reader.ReadText()!;
            steps[step] = new RawJson(reader.ReadBytes() ?? default);
        }

        return steps;
    }

    public async ValueTask<RawJson> RecordAsync(string taskId, string step, RawJson result, TimeSpan keep, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.RecordStep, idempotent: true).Add(taskId).Add(step).Add(result.Utf8).Add(PublishOps.Milliseconds(keep));
        RespReader reader = (await link.EvalAsync(RedisScripts.RecordStep, command, cancellationToken)).Read();
        return new RawJson(reader.ReadBytes() ?? default);
    }
}
