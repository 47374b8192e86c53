namespace Essaim.Edge;

/// <summary>Version of the protocol, as the CONNECT packet has it.</summary>
internal enum MqttVersion : byte
{
    /// <summary>3.1.1: a refused publish looks like one that was taken, so it is the fallback only.</summary>
    V311 = 4,

    /// <summary>5.0.</summary>
    V5 = 5,
}

/// <summary>How a message is carried. There is no 2: what must count once is settled by the application, see <c>docs/edge.md</c>.</summary>
internal enum MqttQos : byte
{
    /// <summary>Sent once, not acknowledged.</summary>
    AtMostOnce = 0,

    /// <summary>Acknowledged by the other side.</summary>
    AtLeastOnce = 1,
}

/// <summary>The packets of the protocol, by the upper half of their first byte.</summary>
internal enum MqttPacketKind : byte
{
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    Subscribe = 8,
    SubAck = 9,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
}

/// <summary>A message that came.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Payload">Its bytes, the receiver's own.</param>
/// <param name="Qos">How it came.</param>
/// <param name="Retain">True where the broker had kept it and tells it because of a new subscription; false for what was published just now.</param>
/// <param name="Properties">What came with it; MQTT 5 only.</param>
internal sealed record MqttMessage(string Topic, ReadOnlyMemory<byte> Payload, MqttQos Qos, bool Retain, MqttProperties? Properties = null);

/// <summary>What the broker publishes when the connection ends without a good-bye.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Payload">Bytes.</param>
/// <param name="Qos">How it is carried.</param>
/// <param name="Retain">Kept for later subscribers.</param>
internal sealed record MqttWill(string Topic, ReadOnlyMemory<byte> Payload, MqttQos Qos = MqttQos.AtLeastOnce, bool Retain = true);

/// <summary>A filter to subscribe to.</summary>
/// <param name="Filter">Topic filter; <c>+</c> is one level, <c>#</c> the rest.</param>
/// <param name="Qos">The most its messages are carried with.</param>
internal readonly record struct MqttSubscription(string Filter, MqttQos Qos = MqttQos.AtLeastOnce);

/// <summary>A connection stands.</summary>
/// <param name="Version">What both sides speak.</param>
/// <param name="SessionPresent">The broker knew the session; never so, as every start is clean.</param>
/// <param name="Limits">What the broker said of itself; MQTT 5 only.</param>
internal sealed record MqttConnected(MqttVersion Version, bool SessionPresent, MqttProperties? Limits);

/// <summary>A connection ended, or did not come to be.</summary>
/// <param name="WasConnected">The broker had taken it.</param>
/// <param name="Reason">The broker's reason, where it gave one; <see cref="MqttReason.UnspecifiedError"/> otherwise.</param>
/// <param name="Error">What happened, why, and what to do.</param>
/// <param name="NextAttempt">In how long the next attempt begins.</param>
internal sealed record MqttEnd(bool WasConnected, MqttReason Reason, MqttException Error, TimeSpan NextAttempt);
