using System.Globalization;

namespace Essaim;

/// <summary>Reads from a backend's URL what Celery tells of a broker's connection.</summary>
internal static class BrokerFacts
{
    public static Dictionary<string, object?> Of(string displayUrl)
    {
        int colon = displayUrl.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon < 0 ? displayUrl : displayUrl[..colon];
        string rest = colon < 0 ? "" : displayUrl[(colon + 1)..];
        string hosts = "", path = rest, user = "";
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            rest = rest[2..].Split('?', 2)[0];
            int slash = rest.IndexOf('/', StringComparison.Ordinal);
            hosts = slash < 0 ? rest : rest[..slash];
            path = slash < 0 ? "" : rest[(slash + 1)..];
            int at = hosts.LastIndexOf('@');
            // Never the password, should the URL have one after all.
            user = at < 0 ? "" : hosts[..at].Split(':', 2)[0];
            hosts = hosts[(at + 1)..];
        }

        (string host, int? port) = SplitPort(hosts.Split(',')[0]);
        return new Dictionary<string, object?>
        {
            ["hostname"] = host.Length > 0 ? host : null,
            ["userid"] = user.Length > 0 ? user : null,
            ["virtual_host"] = path.Length > 0 ? path : hosts.Length > 0 ? "0" : "/",
            ["port"] = port ?? (scheme.StartsWith("redis", StringComparison.Ordinal) ? 6379 : null),
            ["insist"] = false,
            ["ssl"] = scheme is "rediss",
            // Celery's one word for all forms of Redis.
            ["transport"] = scheme.StartsWith("redis", StringComparison.Ordinal) ? "redis" : scheme,
            ["connect_timeout"] = 4,
            ["transport_options"] = new Dictionary<string, object>(),
            ["login_method"] = null,
            ["uri_prefix"] = null,
            ["heartbeat"] = 120.0,
            ["failover_strategy"] = "round-robin",
            ["alternates"] = hosts.Split(',').Skip(1).ToArray(),
        };
    }

    private static (string Host, int? Port) SplitPort(string host)
    {
        int colon = host.LastIndexOf(':');
        bool hasPort = colon >= 0 && host.IndexOf(']', colon) < 0;
        return hasPort && int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            ? (host[..colon], port)
            : (host, null);
    }
}
