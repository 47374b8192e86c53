using System.Globalization;
using System.Net;

namespace Essaim.Redis;

/// <summary>One address.</summary>
internal readonly record struct RedisHost(string Name, int Port)
{
    public override string ToString() => Name.Contains(':', StringComparison.Ordinal) ? $"[{Name}]:{Port}" : $"{Name}:{Port}";
}

/// <summary>
/// Where a Redis is and how to speak with it, from a URL as kombu writes them: <c>redis://[user:password@]host[:6379][/db]</c>,
/// <c>rediss://…</c>, <c>unix:///path</c> or <c>redis+socket:///path</c> (<c>?virtual_host=DB</c>),
/// <c>sentinel://h1:26379;sentinel://h2:26379/db?master_name=NAME</c>.
/// </summary>
internal sealed record RedisUrl
{
    public required IReadOnlyList<RedisHost> Hosts { get; init; }

    /// <summary>Path of a Unix socket; then there are no hosts.</summary>
    public string? SocketPath { get; init; }

    public int Database { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public bool Tls { get; init; }

    /// <summary>Name of the master the hosts, which are sentinels then, are asked for.</summary>
    public string? MasterName { get; init; }

    /// <summary>Everything in the query.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>Without the password.</summary>
    public required string Display { get; init; }

    public TimeSpan ConnectTimeout => Seconds("socket_connect_timeout", 5);

    /// <summary>How long a command may take, connecting anew included.</summary>
    public TimeSpan CommandTimeout => Seconds("socket_timeout", 30);

    /// <exception cref="BackendException"><c>ESS2101</c>: it cannot be read.</exception>
    public static RedisUrl Parse(string url)
    {
        string scheme = url.Split(':', 2)[0];
        (string main, string query) = Cut(url, '?');
        Dictionary<string, string> options = new(StringComparer.Ordinal);
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            (string name, string value) = Cut(pair, '=');
            options[WebUtility.UrlDecode(name)] = WebUtility.UrlDecode(value);
        }

        string display = Hide(main, query);
        if (!main.Contains("://", StringComparison.Ordinal))
            throw Bad(display, "it has no ://", "Write redis://HOST:6379/0");
        if (!main.Contains('@', StringComparison.Ordinal) && main.LastIndexOf(':') is var colon && main.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9')
            && !main.EndsWith(']') && colon > scheme.Length && query.Contains('@', StringComparison.Ordinal))
        {
            // What looks like an address is half a password: nothing of it is shown.
            throw Bad($"{scheme}://***", "there is a ? in its user or password", "Write it as %3F");
        }

        return scheme switch
        {
            "unix" or "redis+socket" => OfSocket(main, options, display),
            "sentinel" => OfSentinels(main, options, display),
            "redis" or "rediss" => OfServer(main, scheme == "rediss", options, display),
            _ => throw Bad(display, $"the scheme {scheme} is not Redis'", "Use redis://, rediss://, unix:// or sentinel://"),
        };
    }

    private static RedisUrl OfServer(string main, bool tls, Dictionary<string, string> options, string display)
    {
        (string? user, string? password, string address) = Credentials(main[(main.IndexOf("://", StringComparison.Ordinal) + 3)..]);
        (string hostText, string path) = Cut(address, '/');
        return new RedisUrl
        {
            Hosts = [Host(hostText, 6379, display)],
            Database = DatabaseOf(path, options, display),
            User = user,
            Password = password ?? options.GetValueOrDefault("password"),
            Tls = tls,
            Options = options,
            Display = display,
        };
    }

    private static RedisUrl OfSocket(string main, Dictionary<string, string> options, string display)
    {
        (string? user, string? password, string path) = Credentials(main[(main.IndexOf("://", StringComparison.Ordinal) + 3)..]);
        if (!path.StartsWith('/'))
            throw Bad(display, "it names no path", "Write unix:///path/to/redis.sock?virtual_host=0");
        return new RedisUrl
        {
            Hosts = [],
            SocketPath = Unescape(path),
            Database = DatabaseOf("", options, display),
            User = user,
            Password = password ?? options.GetValueOrDefault("password"),
            Options = options,
            Display = display,
        };
    }

    private static RedisUrl OfSentinels(string main, Dictionary<string, string> options, string display)
    {
        List<RedisHost> hosts = [];
        (string? user, string? password, string path) = (null, null, "");
        foreach (string part in main.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            int start = part.IndexOf("://", StringComparison.Ordinal);
            (string? itsUser, string? itsPassword, string address) = Credentials(start < 0 ? part : part[(start + 3)..]);
            (string hostText, string itsPath) = Cut(address, '/');
            (user, password, path) = (itsUser ?? user, itsPassword ?? password, itsPath.Length > 0 ? itsPath : path);
            hosts.Add(Host(hostText, 26379, display));
        }

        return new RedisUrl
        {
            Hosts = hosts,
            Database = DatabaseOf(path, options, display),
            User = user,
            Password = password ?? options.GetValueOrDefault("password"),
            Tls = options.GetValueOrDefault("ssl") is "true" or "True" or "1",
            MasterName = options.GetValueOrDefault("master_name")
                ?? throw Bad(display, "it does not say which master the sentinels watch", "Add ?master_name=NAME"),
            Options = options,
            Display = display,
        };
    }

    private static (string? User, string? Password, string Address) Credentials(string text)
    {
        int at = text.LastIndexOf('@');
        if (at < 0)
            return (null, null, text);
        (string user, string password) = Cut(text[..at], ':');
        return (user.Length == 0 ? null : Unescape(user),
            password.Length == 0 ? null : Unescape(password), text[(at + 1)..]);
    }

    private static RedisHost Host(string text, int defaultPort, string display)
    {
        (string name, string port) = text.StartsWith('[') && text.Contains(']', StringComparison.Ordinal)
            ? (text[1..text.IndexOf(']', StringComparison.Ordinal)], text[(text.IndexOf(']', StringComparison.Ordinal) + 1)..].TrimStart(':'))
            : Cut(text, ':');
        if (port.Length == 0)
            return new RedisHost(name.Length == 0 ? "localhost" : name, defaultPort);
        return int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and < 65536
            ? new RedisHost(name.Length == 0 ? "localhost" : name, number)
            : throw Bad(display, $"{port} is no port", "Give a number from 1 to 65535");
    }

    private static int DatabaseOf(string path, Dictionary<string, string> options, string display)
    {
        string text = path.Trim('/') is { Length: > 0 } fromPath ? fromPath : options.GetValueOrDefault("virtual_host", options.GetValueOrDefault("db", "0")).Trim('/');
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Bad(display, $"{text} is no database number", "End the URL with /0, /1…");
    }

    private static string Hide(string main, string query)
    {
        string shown = string.Join(';', main.Split(';').Select(part =>
        {
            int start = part.IndexOf("://", StringComparison.Ordinal) + 3;
            int at = part.LastIndexOf('@');
            int colon = at > start ? part.IndexOf(':', start) : -1;
            return colon >= 0 && colon < at ? $"{part[..colon]}:***{part[at..]}" : part;
        }));
        string options = string.Join('&', query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Contains("password", StringComparison.OrdinalIgnoreCase) ? $"{pair.Split('=')[0]}=***" : pair));
        return options.Length == 0 ? shown : $"{shown}?{options}";
    }

    private static (string Before, string After) Cut(string text, char mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }

    private static BackendException Bad(string display, string fault, string advice) =>
        new("ESS2101", $"The broker URL {display} cannot be used: {fault}. {advice}.");

    private TimeSpan Seconds(string name, double fallback) =>
        Options.TryGetValue(name, out string? text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, 1e6))
            : TimeSpan.FromSeconds(fallback);

    private static string Unescape(string text) => text.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(text) : text;
}
