namespace Essaim.Redis;

/// <summary>Schedules in one hash; scripts compare and set.</summary>
internal sealed class RedisScheduleStore(RedisLink link) : IScheduleStore
{
    private static readonly RedisScript Put = RedisScript.Load("schedule_put.lua");
    private static readonly RedisScript Fire = RedisScript.Load("common.lua", "publish_ops.lua", "schedule_fire.lua");
    private readonly string _schedules = link.Keys.Own + "schedules";

    public async ValueTask<IReadOnlyList<ScheduleRecord>> ListAsync(CancellationToken cancellationToken)
    {
        RespReply reply = await link.Client.SendAsync(new RespCommand("HGETALL", idempotent: true).Add(_schedules), cancellationToken);
        RespReader reader = reply.Read();
        List<ScheduleRecord> schedules = [];
        for (int left = reader.ReadArray() / 2; left > 0; left--)
        {
            string name = reader.ReadText() ?? "";
            schedules.Add(StoredSchedule.Read(name, reader.ReadBytes() ?? default));
        }

        schedules.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return schedules;
    }

    public async ValueTask PutAsync(ScheduleRecord schedule, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RespCommand put = Put.Call(1, idempotent: true, sizeHint: 1024)
            .Add(_schedules).Add(schedule.Name).Add(StoredSchedule.Write(schedule)).Add(schedule.Definition.Utf8).Add(schedule.Enabled ? 1 : 0);
        await link.Client.EvalAsync(Put, put, cancellationToken);
    }

    public async ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken) =>
        (await link.Client.SendAsync(new RespCommand("HDEL").Add(_schedules).Add(name), cancellationToken)).AsInteger() > 0;

    public async ValueTask<bool> TryFireAsync(
        string name, DateTimeOffset? expectedNextRun, DateTimeOffset lastRun, string? lastTaskId, DateTimeOffset? nextRun, Outgoing outgoing,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        outgoing.Check();
        RespCommand fire = link.Call(Fire, sizeHint: 4096)
            .Add(_schedules).Add(name).Add(StoredSchedule.TimeText(expectedNextRun)).Add(StoredSchedule.TimeText(lastRun))
            .Add(lastTaskId ?? "").Add(StoredSchedule.TimeText(nextRun));
        PublishOps.Append(fire, link.Keys, link.Settings, outgoing);
        return (await link.Client.EvalAsync(Fire, fire, cancellationToken)).AsInteger() == 1;
    }
}
