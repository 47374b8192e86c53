namespace Essaim.Edge;

/// <summary>Where a broker is and how it is spoken to.</summary>
internal sealed record MqttOptions
{
    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Port; 1883, with TLS usually 8883.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>Fixed for a device: the broker ends an older connection of the same id, and publishes its will first.</summary>
    public required string ClientId { get; init; }

    /// <summary>User name, if any.</summary>
    public string? UserName { get; init; }

    /// <summary>Password, if any.</summary>
    public string? Password { get; init; }

    /// <summary>Encryption; null is none.</summary>
    public MqttTls? Tls { get; init; }

    /// <summary>Asked for at every connection, so that it can name the connection.</summary>
    public Func<MqttWill?> Will { get; init; } = static () => null;

    /// <summary>Longest silence; a connection without a byte for one and a half times this is given up. 10 s.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For name, connection, TLS and the broker's answer together. 3 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Largest packet taken, in bytes; a larger one ends the connection. 256 KiB.</summary>
    public int MaximumPacketSize { get; init; } = 256 * 1024;

    /// <summary>Bytes that wait for the network: above it, QoS 0 is dropped and counted, QoS 1 waits. 256 KiB.</summary>
    public int SendBuffer { get; init; } = 256 * 1024;

    /// <summary>QoS 1 messages sent but not acknowledged; the broker may want fewer. 1000.</summary>
    public int SendMaximum { get; init; } = 1000;

    /// <summary>QoS 1 messages taken but not yet handled; told to the broker, which should hold the others back. 64.</summary>
    public ushort ReceiveMaximum { get; init; } = 64;

    /// <summary>The same for a broker that does not heed it: one more ends the connection. 10,000.</summary>
    public int ReceiveLimit { get; init; } = 10_000;

    /// <summary>Bytes of messages taken but not yet handled. QoS 0 above it is dropped and counted; QoS 1 above four times as many ends the connection. 1 MiB.</summary>
    public int ReceiveBuffer { get; init; } = 1024 * 1024;

    /// <summary>Makes the stream to the broker; by TCP and <see cref="Tls"/>.</summary>
    public Func<MqttOptions, CancellationToken, ValueTask<Stream>> Dial { get; init; } = MqttDialer.DialAsync;

    /// <summary>Called at least every five seconds by the loops that keep the connection: a watchdog's food.</summary>
    public Action OnTurn { get; init; } = static () => { };

    /// <summary>For error texts.</summary>
    public string Address => $"{Host}:{Port}";

    /// <summary>The address: the password is nobody's to log.</summary>
    public override string ToString() => Address;
}
