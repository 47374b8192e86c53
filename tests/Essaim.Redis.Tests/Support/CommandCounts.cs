using System.Globalization;

namespace Essaim.Redis.Tests;

/// <summary>How often a server was asked for what, as it counts itself: <c>exists</c>, <c>pubsub|numsub</c>.</summary>
internal static class CommandCounts
{
    private const string Start = "cmdstat_";

    /// <summary>Counts of all commands since <see cref="ResetAsync"/>, but for INFO itself.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> ReadAsync(RedisClient client)
    {
        string text = (await client.SendAsync(new RespCommand("INFO").Add("commandstats"), TestContext.Current.CancellationToken)).AsText()!;
        Dictionary<string, long> counts = [];
        foreach (string line in text.Split("\r\n").Where(line => line.StartsWith(Start, StringComparison.Ordinal)))
        {
            string name = line[Start.Length..line.IndexOf(':', StringComparison.Ordinal)];
            string calls = line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..line.IndexOf(',', StringComparison.Ordinal)];
            if (name is not ("info" or "config|resetstat"))
                counts.Add(name, long.Parse(calls, CultureInfo.InvariantCulture));
        }

        return counts;
    }

    /// <summary>Begins to count anew.</summary>
    public static async Task ResetAsync(RedisClient client) =>
        await client.SendAsync(new RespCommand("CONFIG").Add("RESETSTAT"), TestContext.Current.CancellationToken);
}
