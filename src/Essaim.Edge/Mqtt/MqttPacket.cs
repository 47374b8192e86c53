namespace Essaim.Edge;

/// <summary>A packet of a broker. Which fields mean something depends on the kind.</summary>
internal readonly record struct MqttPacket
{
    public MqttPacketKind Kind { get; init; }

    /// <summary>PUBACK, SUBACK and a PUBLISH of QoS 1: what ties question and answer.</summary>
    public ushort Id { get; init; }

    /// <summary>CONNACK, PUBACK, DISCONNECT.</summary>
    public MqttReason Reason { get; init; }

    /// <summary>CONNACK.</summary>
    public bool SessionPresent { get; init; }

    /// <summary>PUBLISH.</summary>
    public MqttMessage? Message { get; init; }

    /// <summary>SUBACK: one for each filter, in their order.</summary>
    public IReadOnlyList<MqttReason> Reasons { get; init; }

    /// <summary>What came beside, if anything.</summary>
    public MqttProperties? Properties { get; init; }
}
