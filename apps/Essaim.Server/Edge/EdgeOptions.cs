namespace Essaim.Server;

/// <summary>Where the broker of devices is, and what the core tells it.</summary>
public sealed class EdgeOptions
{
    /// <summary>The broker's host. Default <c>127.0.0.1</c>.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Its port. Default 1883.</summary>
    public int Port { get; set; } = 1883;

    /// <summary>PEM file of the authority of its certificate; turns TLS on. Null (default): no TLS.</summary>
    public string? AuthorityFile { get; set; }

    /// <summary>Folder of the broker's password file and access list, which the core writes. Null (default): <c>mosquitto</c> in the core's data folder.</summary>
    public string? BrokerFolder { get; set; }

    /// <summary>File with the broker's process id (<c>pid_file</c>): told by SIGHUP that its files have changed. Null (default): somebody else tells it.</summary>
    public string? BrokerPidFile { get; set; }

    /// <summary>Votes a round waits for, where its opening does not say. Default 9.</summary>
    public int ExpectedVotes { get; set; } = 9;

    /// <summary>
    /// Task that is sent, once, for each round that closes, with keyword arguments <c>round</c>, <c>question</c>, <c>expected</c>, <c>opened_at</c>, <c>closed_at</c>
    /// and <c>votes</c> (a list of <c>slot</c>, <c>choice</c>, <c>at</c>; those that count, in the order they came). Null (default): none.
    /// </summary>
    public string? RoundTask { get; set; }
}
