namespace Essaim.Redis;

/// <summary>Redis answered with an error.</summary>
public sealed class RedisReplyException : EssaimException
{
    internal RedisReplyException(string command, string text)
        : base("ESS2110", $"Redis refused {command}: {text}{Advice(text)}")
    {
        Text = text;
        Kind = KindOf(text);
    }

    /// <summary>The first word of the error: <c>OOM</c>, <c>NOPERM</c>, <c>READONLY</c>, <c>ERR</c>…</summary>
    public string Kind { get; }

    /// <summary>The server's own words.</summary>
    public string Text { get; }

    /// <summary>The kind of an error text; where a script failed, that of what it called.</summary>
    internal static string KindOf(string text)
    {
        int end = text.IndexOf(' ', StringComparison.Ordinal);
        string first = end < 0 ? text : text[..end];
        // Redis 6 wraps errors from within a script: "ERR Error running script (call to f_…): @user_script:1: @user_script: 1: -OOM command…".
        int inner = text.IndexOf(": -", StringComparison.Ordinal);
        return first == "ERR" && inner >= 0 ? KindOf(text[(inner + 3)..]) : first;
    }

    private static string Advice(string text) => KindOf(text) switch
    {
        "OOM" => " The server is at its maxmemory. Work goes on by itself once there is room: drain or purge queues, or raise maxmemory.",
        "NOAUTH" or "WRONGPASS" => " Give user and password in the broker URL: redis://USER:PASSWORD@HOST.",
        "NOPERM" => " Give the user of the broker URL the right to it (ACL SETUSER).",
        "MISCONF" => " The server cannot save its data; look at its disk and log.",
        "MOVED" or "ASK" or "CROSSSLOT" or "CLUSTERDOWN" => " This server is part of a Redis Cluster, which Essaim does not use: name a single server, or sentinels.",
        "LOADING" => " The server is still loading its data; try again soon.",
        _ => "",
    };
}

/// <summary>The connection to Redis was lost, or none could be made in time.</summary>
public sealed class RedisConnectionException : EssaimException
{
    internal RedisConnectionException(string message, bool mayHaveBeenDone, Exception? inner)
        : base("ESS2111", message, inner) => (MayHaveBeenDone, MayPass) = (mayHaveBeenDone, true);

    /// <summary>True where the command had been sent, and only its answer is missing.</summary>
    public bool MayHaveBeenDone { get; }
}

/// <summary>What came is not Redis' protocol.</summary>
public sealed class RedisProtocolException : EssaimException
{
    internal RedisProtocolException(string message)
        : base("ESS2113", message)
    {
    }
}
