namespace Essaim.Edge;

/// <summary>What travels beside a packet in MQTT 5; null is absent. The first five go with messages, the others come from the broker.</summary>
internal sealed record MqttProperties
{
    /// <summary>Seconds until the broker forgets a message nobody took.</summary>
    public uint? MessageExpiry { get; set; }

    /// <summary>What the payload is, such as <c>application/json</c>.</summary>
    public string? ContentType { get; set; }

    /// <summary>Where an answer is expected.</summary>
    public string? ResponseTopic { get; set; }

    /// <summary>What ties an answer to its question.</summary>
    public ReadOnlyMemory<byte>? CorrelationData { get; set; }

    /// <summary>Names and values of one's own, in their order; names may repeat.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> User { get; set; } = [];

    /// <summary>The broker's own words for its reason.</summary>
    public string? ReasonString { get; set; }

    /// <summary>Another broker to use.</summary>
    public string? ServerReference { get; set; }

    /// <summary>How many QoS 1 messages the broker takes before it has acknowledged one; 65535 where it does not say.</summary>
    public ushort? ReceiveMaximum { get; set; }

    /// <summary>Largest packet the broker takes, in bytes.</summary>
    public uint? MaximumPacketSize { get; set; }

    /// <summary>Most the broker offers: 0 or 1; 2 where it does not say.</summary>
    public byte? MaximumQos { get; set; }

    /// <summary>False where the broker keeps no messages.</summary>
    public bool? RetainAvailable { get; set; }

    /// <summary>The keep-alive the broker wants instead of the client's, in seconds.</summary>
    public ushort? ServerKeepAlive { get; set; }

    /// <summary>The client id the broker chose.</summary>
    public string? AssignedClientId { get; set; }
}
