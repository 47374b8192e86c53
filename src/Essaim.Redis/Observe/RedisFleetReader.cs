using System.Globalization;

namespace Essaim.Redis;

/// <summary>Looks at a fleet, Python's or Essaim's, without writing anything.</summary>
internal sealed class RedisFleetReader(RedisClient client, RedisKeys keys, TimeProvider time) : IFleetReader
{
    // On a database with millions of results a whole SCAN takes long; a million keys are looked at.
    private const int MostScans = 1000;
    private const int ScanCount = 1000;
    private const int MostQueues = 5000;
    private const string Separator = "\u0006\u0016";
    private static readonly string[] Steps = ["", Separator + "3", Separator + "6", Separator + "9"];

    public async ValueTask<FleetReading> ReadAsync(CancellationToken cancellationToken)
    {
        Task<RespReply> info = SendAsync("INFO", cancellationToken);
        Task<RespReply> unacked = SendAsync("HLEN", cancellationToken, keys.Global + "unacked");
        Task<RespReply> oldest = SendAsync("ZRANGE", cancellationToken, keys.Global + "unacked_index", "0", "0", "WITHSCORES");
        Task<RespReply> held = SendAsync("ZCARD", cancellationToken, keys.Own + "leases");
        Task<RespReply> delayed = SendAsync("ZCARD", cancellationToken, keys.Own + "delayed");
        Task<RespReply> dead = SendAsync("ZCARD", cancellationToken, keys.Own + "dead-order");
        await Task.WhenAll(info, unacked, oldest, held, delayed, dead);
        (SortedSet<string> names, bool leftOut) = await FindQueuesAsync(cancellationToken);
        return new FleetReading(
            ServerInfo.Parse((await info).AsText() ?? ""), await ReadQueuesAsync(names, cancellationToken), leftOut, (await unacked).AsInteger(),
            AgeOf(await oldest), (await held).AsInteger(), (await delayed).AsInteger(), (await dead).AsInteger());
    }

    private async ValueTask<(SortedSet<string> Names, bool LeftOut)> FindQueuesAsync(CancellationToken cancellationToken)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        names.UnionWith((await SendAsync("SMEMBERS", cancellationToken, keys.Own + "queues")).AsTexts());
        string prefix = keys.Binding("");
        string cursor = "0";
        for (int scans = 0; scans < MostScans && names.Count < MostQueues; scans++)
        {
            RespReply page = await SendAsync(
                "SCAN", cancellationToken, cursor, "MATCH", GlobText.Escape(prefix) + "*", "COUNT", ScanCount.ToString(CultureInfo.InvariantCulture), "TYPE", "set");
            cursor = ReadPage(page, out List<string> bindings);
            List<Task<RespReply>> members = [.. bindings.Where(key => IsOfTasks(key[prefix.Length..])).Select(key => SendAsync("SMEMBERS", cancellationToken, key))];
            foreach (RespReply reply in await Task.WhenAll(members))
                names.UnionWith(reply.AsTexts().Select(member => member.Split(Separator)).Where(parts => parts.Length == 3).Select(parts => parts[2]));
            if (cursor == "0")
                return (names, false);
        }

        return (names, true);
    }

    // Events and remote control have exchanges of their own; what is bound there is no queue of tasks.
    private static bool IsOfTasks(string exchange) => exchange != "celeryev" && !exchange.EndsWith("pidbox", StringComparison.Ordinal);

    private async ValueTask<List<FleetQueue>> ReadQueuesAsync(SortedSet<string> names, CancellationToken cancellationToken)
    {
        List<FleetQueue> queues = [];
        foreach (string[] chunk in names.Chunk(200))
        {
            RespReply[] lengths = await Task.WhenAll(
                chunk.SelectMany(name => Steps.Select(step => SendAsync("LLEN", cancellationToken, keys.Global + name + step))));
            for (int i = 0; i < chunk.Length; i++)
                queues.Add(new FleetQueue(chunk[i], [.. lengths.Skip(i * Steps.Length).Take(Steps.Length).Select(length => length.AsInteger())]));
        }

        return queues;
    }

    private TimeSpan? AgeOf(in RespReply oldest)
    {
        RespReader reader = oldest.Read();
        int count = reader.ReadArray();
        if (count <= 0)
            return null;
        // RESP3 pairs member and score.
        if (reader.Peek() == RespKind.Array)
            reader.ReadArray();
        reader.Skip();
        if (!double.TryParse(reader.ReadText(), NumberStyles.Float, CultureInfo.InvariantCulture, out double since))
            return null;
        TimeSpan age = time.GetUtcNow() - DateTimeOffset.UnixEpoch.AddSeconds(since);
        return age < TimeSpan.Zero ? TimeSpan.Zero : age;
    }

    private static string ReadPage(in RespReply page, out List<string> found)
    {
        RespReader reader = page.Read();
        reader.ReadArray();
        string cursor = reader.ReadText() ?? "0";
        int count = reader.ReadArray();
        found = new List<string>(count);
        for (int i = 0; i < count; i++)
            found.Add(reader.ReadText() ?? "");
        return cursor;
    }

    private Task<RespReply> SendAsync(string name, CancellationToken cancellationToken, params ReadOnlySpan<string> arguments)
    {
        RespCommand command = new(name, idempotent: true);
        foreach (string argument in arguments)
            command.Add(argument);
        return client.SendAsync(command, cancellationToken).AsTask();
    }
}
