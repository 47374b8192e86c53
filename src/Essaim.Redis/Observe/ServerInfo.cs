namespace Essaim.Redis;

/// <summary>Reads what INFO says.</summary>
internal static class ServerInfo
{
    public static FleetServer Parse(string info)
    {
        Dictionary<string, string> values = [];
        foreach (string line in info.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[0] != '#')
                values[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return new FleetServer(
            values.GetValueOrDefault("redis_version") ?? "", Number("used_memory"), Number("maxmemory"), Number("instantaneous_ops_per_sec"),
            Number("connected_clients"));

        long Number(string name) => long.TryParse(values.GetValueOrDefault(name), out long value) ? value : 0;
    }
}
