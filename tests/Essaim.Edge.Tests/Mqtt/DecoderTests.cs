using System.Text;

namespace Essaim.Edge.Tests;

public sealed class DecoderTests
{
    [Fact]
    public void Decode_ConnAckWithEverything_KeepsWhatIsOfUse()
    {
        MqttPacket packet = Decode(MqttVersion.V5, Packets.All[4].Hex);

        Assert.Equal((MqttPacketKind.ConnAck, MqttReason.Success, false), (packet.Kind, packet.Reason, packet.SessionPresent));
        MqttProperties limits = packet.Properties!;
        Assert.Equal(("id", "s", (uint?)4096, (bool?)false), (limits.AssignedClientId, limits.ServerReference, limits.MaximumPacketSize, limits.RetainAvailable));
        limits = Decode(MqttVersion.V5, Packets.All[2].Hex).Properties!;
        Assert.Equal(((ushort?)20, (ushort?)30, (byte?)1), (limits.ReceiveMaximum, limits.ServerKeepAlive, limits.MaximumQos));
    }

    [Theory]
    [InlineData(MqttVersion.V5, "20 09 00 86 06 1F 00 03 'who'", MqttReason.BadUserNameOrPassword)]
    [InlineData(MqttVersion.V5, "20 02 00 01", MqttReason.UnsupportedProtocolVersion)]
    [InlineData(MqttVersion.V311, "20 02 00 02", MqttReason.ClientIdentifierNotValid)]
    [InlineData(MqttVersion.V311, "20 02 00 03", MqttReason.ServerUnavailable)]
    [InlineData(MqttVersion.V311, "20 02 00 04", MqttReason.BadUserNameOrPassword)]
    [InlineData(MqttVersion.V311, "20 02 00 05", MqttReason.NotAuthorized)]
    [InlineData(MqttVersion.V311, "20 02 00 63", MqttReason.UnspecifiedError)]
    internal void Decode_ConnAckThatRefuses_SaysWhy(MqttVersion version, string hex, MqttReason reason) =>
        Assert.Equal(reason, Decode(version, hex).Reason);

    [Fact]
    public void Decode_Message_HasAllOfIt()
    {
        MqttPacket packet = Decode(MqttVersion.V5, Packets.All[10].Hex);

        Assert.Equal((0x0102, "a", "x", MqttQos.AtLeastOnce, true), (packet.Id, packet.Message!.Topic, Encoding.UTF8.GetString(packet.Message.Payload.Span), packet.Message.Qos, packet.Message.Retain));
        MqttProperties properties = packet.Message.Properties!;
        Assert.Equal(((uint?)30, "j", "r", "0102"), (properties.MessageExpiry, properties.ContentType, properties.ResponseTopic, Convert.ToHexString(properties.CorrelationData!.Value.Span)));
        Assert.Equal([new KeyValuePair<string, string>("k", "v")], properties.User);
    }

    [Fact]
    public void Decode_Answers_HaveTheirReasons()
    {
        Assert.Equal((MqttReason.NotAuthorized, "no"), (Decode(MqttVersion.V5, "40 09 12 34 87 05 1F 00 02 'no'").Reason, Decode(MqttVersion.V5, "40 09 12 34 87 05 1F 00 02 'no'").Properties!.ReasonString));
        Assert.Equal([MqttReason.GrantedQos1, MqttReason.NotAuthorized], Decode(MqttVersion.V5, "90 05 00 07 00 01 87").Reasons);
        Assert.Equal(MqttReason.SessionTakenOver, Decode(MqttVersion.V5, "E0 01 8E").Reason);
    }

    [Theory]
    [InlineData(MqttVersion.V5, "10 00", "a packet no broker sends to this client (0x10)")]
    [InlineData(MqttVersion.V311, "E0 00", "a packet no broker sends to this client (0xe0)")]
    [InlineData(MqttVersion.V5, "50 02 00 01", "a packet no broker sends to this client (0x50)")]
    [InlineData(MqttVersion.V5, "41 02 00 01", "a packet that begins with 0x41")]
    [InlineData(MqttVersion.V5, "48 54 54 50", "a packet that begins with 0x48")]
    [InlineData(MqttVersion.V5, "40 01 00", "a packet that ends too soon")]
    [InlineData(MqttVersion.V5, "40 02 00 00", "a message number of 0")]
    [InlineData(MqttVersion.V311, "40 03 00 01 00", "a packet with bytes behind its end")]
    [InlineData(MqttVersion.V5, "20 03 02 00 00", "an answer to CONNECT with unknown flags")]
    [InlineData(MqttVersion.V5, "20 05 00 00 02 24 02", "a value that is neither 0 nor 1")]
    [InlineData(MqttVersion.V5, "20 06 00 00 03 21 00 00", "a receive maximum of 0")]
    [InlineData(MqttVersion.V5, "20 08 00 00 05 27 00 00 00 00", "a largest packet of 0 bytes")]
    [InlineData(MqttVersion.V5, "20 07 00 00 04 24 01 24 01", "a property (36) that has no place there")]
    [InlineData(MqttVersion.V5, "20 05 00 00 02 7F 01", "a property (127) that has no place there")]
    [InlineData(MqttVersion.V5, "30 07 00 01 'a' 03 23 00 01", "a property (35) that has no place there")]
    [InlineData(MqttVersion.V5, "34 06 00 01 'a' 00 01 00", "a message with QoS 2, which was not asked for")]
    [InlineData(MqttVersion.V5, "38 04 00 01 'a' 00", "a message with QoS 0 that is said to be a repetition")]
    [InlineData(MqttVersion.V5, "32 06 00 01 'a' 00 00 00", "a message number of 0")]
    [InlineData(MqttVersion.V5, "30 03 00 00 00", "a message whose topic is no topic")]
    [InlineData(MqttVersion.V5, "30 04 00 01 '#' 00", "a message whose topic is no topic")]
    [InlineData(MqttVersion.V5, "30 04 00 01 FF 00", "a text that is not UTF-8")]
    [InlineData(MqttVersion.V5, "30 04 00 01 00 00", "a text with a zero in it")]
    [InlineData(MqttVersion.V5, "30 08 00 01 'a' 80 80 80 80 01", "a number longer than four bytes")]
    [InlineData(MqttVersion.V5, "30 05 00 01 'a' 80 00", "a number with more bytes than it needs")]
    [InlineData(MqttVersion.V5, "90 03 00 07 00", "an answer to SUBSCRIBE without a reason")]
    internal void Decode_WhatIsNoPacket_IsRefused(MqttVersion version, string hex, string what)
    {
        MqttException error = Assert.Throws<MqttException>(() => Decode(version, hex));

        Assert.Equal(("ESS6104", $"What came is not MQTT: {what}. Is there a broker behind this port, and TLS where it wants TLS?"), (error.Code, error.Message));
    }

    private static MqttPacket Decode(MqttVersion version, string hex) => MqttDecoder.Decode(Hex.Bytes(hex), version);
}
