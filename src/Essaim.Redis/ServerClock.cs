using System.Globalization;

namespace Essaim.Redis;

/// <summary>
/// Whose clock judges. In use it is the server's, which this machine follows by what replies tell: a machine whose clock is wrong neither
/// loses leases nor keeps them, and neither delays nor hurries what has a time. A clock of a test's own is passed with each call instead.
/// </summary>
internal sealed class ServerClock
{
    private readonly FleetClock? _fleet;

    public ServerClock(TimeProvider time)
    {
        _fleet = time == TimeProvider.System ? new FleetClock(time, Uptime.Ticks) : null;
        Time = _fleet ?? time;
    }

    public TimeProvider Time { get; }

    /// <summary>What scripts take as now: empty where the server's clock judges.</summary>
    public void AddTo(RespCommand command)
    {
        if (_fleet is not null)
            command.Add(""u8);
        else
            command.Add(Milliseconds(Time.GetUtcNow()));
    }

    /// <summary>A reading to take before a command is sent, for <see cref="Observe"/>.</summary>
    public long Sending() => _fleet?.Uptime() ?? 0;

    /// <summary>Takes note of the server's now (ms since 1970) that a reply told.</summary>
    public void Observe(long serverNow, long sentAt) => _fleet?.Observe(serverNow, sentAt);

    /// <summary>Asks the server what time it is: by INFO, which those may send who may only read; before Redis 6.2 by TIME.</summary>
    public async ValueTask AskAsync(RedisClient client, CancellationToken cancellationToken)
    {
        if (_fleet is null)
            return;
        long sentAt = Sending();
        string info = (await client.SendAsync(new RespCommand("INFO", idempotent: true).Add("server"), cancellationToken)).AsText() ?? "";
        const string Name = "server_time_usec:";
        int start = info.IndexOf(Name, StringComparison.Ordinal);
        if (start >= 0 && long.TryParse(info[(start + Name.Length)..].Split('\r', '\n')[0], CultureInfo.InvariantCulture, out long microseconds))
        {
            Observe(microseconds / 1000, sentAt);
            return;
        }

        sentAt = Sending();
        RespReader reader = (await client.SendAsync(new RespCommand("TIME", idempotent: true), cancellationToken)).Read();
        reader.ReadArray();
        long seconds = long.Parse(reader.ReadText()!, CultureInfo.InvariantCulture);
        Observe(seconds * 1000 + long.Parse(reader.ReadText()!, CultureInfo.InvariantCulture) / 1000, sentAt);
    }

    /// <summary>Ms since 1970, never too early.</summary>
    public static long Milliseconds(DateTimeOffset at)
    {
        long ticks = at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        return (ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
    }
}
