using System.Buffers;

namespace Essaim.Edge.Tests;

public sealed class EncoderTests
{
    private static readonly MqttOptions s_options = new()
    {
        Host = "core",
        ClientId = "slot-01",
        UserName = "slot-01",
        Password = "séc",
        Will = () => new MqttWill("s/state", "off"u8.ToArray()),
    };

    [Fact]
    public void Connect_Version5WithWillAndPassword_HasEveryFieldInPlace() => Check(
        output => MqttEncoder.Connect(output, s_options, MqttVersion.V5),
        "10 3A 00 04 'MQTT' 05 EE 00 0A 08 21 00 40 27 00 04 00 00 00 07 'slot-01' 00 00 07 's/state' 00 03 'off' 00 07 'slot-01' 00 04 's' C3 A9 'c'");

    [Fact]
    public void Connect_Version311_HasNoProperties() => Check(
        output => MqttEncoder.Connect(output, s_options with { UserName = null, Password = null, KeepAlive = TimeSpan.FromSeconds(300) }, MqttVersion.V311),
        "10 21 00 04 'MQTT' 04 2E 01 2C 00 07 'slot-01' 00 07 's/state' 00 03 'off'");

    [Fact]
    public void Connect_WithoutWill_IsAnonymousAndClean() => Check(
        output => MqttEncoder.Connect(output, new MqttOptions { Host = "core", ClientId = "c" }, MqttVersion.V311), "10 0D 00 04 'MQTT' 04 02 00 0A 00 01 'c'");

    [Fact]
    public void Publish_Qos0_HasNoNumber() => Check(
        output => MqttEncoder.Publish(output, MqttVersion.V5, "a/b", "xy"u8, MqttQos.AtMostOnce, false, 0, null), "30 08 00 03 'a/b' 00 'xy'");

    [Fact]
    public void Publish_Qos1RetainedWithProperties_HasThemInOrder()
    {
        MqttProperties properties = new()
        {
            MessageExpiry = 30,
            ContentType = "j",
            ResponseTopic = "r",
            CorrelationData = new byte[] { 1, 2 },
            User = [new("k", "v"), new("k", "w")],
        };

        Check(
            output => MqttEncoder.Publish(output, MqttVersion.V5, "a", "x"u8, MqttQos.AtLeastOnce, true, 258, properties),
            "33 27 00 01 'a' 01 02 20 02 00 00 00 1E 03 00 01 'j' 08 00 01 'r' 09 00 02 01 02 26 00 01 'k' 00 01 'v' 26 00 01 'k' 00 01 'w' 'x'");
        Check(
            output => MqttEncoder.Publish(output, MqttVersion.V311, "a", "x"u8, MqttQos.AtLeastOnce, true, 258, properties), "33 06 00 01 'a' 01 02 'x'");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(120)]
    [InlineData(121)]
    [InlineData(122)]
    [InlineData(123)]
    [InlineData(16_377)]
    [InlineData(16_378)]
    [InlineData(2_097_145)]
    [InlineData(2_097_146)]
    public void SizeOfPublish_AroundEveryLengthOfTheLength_IsWhatIsWritten(int payload)
    {
        ArrayBufferWriter<byte> output = new();

        MqttEncoder.Publish(output, MqttVersion.V5, "a", new byte[payload], MqttQos.AtLeastOnce, false, 1, null);

        Assert.Equal(MqttEncoder.SizeOfPublish(MqttVersion.V5, "a", payload, MqttQos.AtLeastOnce, null), output.WrittenCount);
        Assert.Equal(output.WrittenCount, MqttFraming.Find(output.WrittenSpan[..5], int.MaxValue));
        Assert.Equal(payload, MqttDecoder.Decode(output.WrittenSpan, MqttVersion.V5).Message!.Payload.Length);
    }

    [Fact]
    public void Subscribe_TwoFilters_HasQosBehindEach() => Check(
        output => MqttEncoder.Subscribe(output, MqttVersion.V5, 7, [new("a/#"), new("b", MqttQos.AtMostOnce)]), "82 0D 00 07 00 00 03 'a/#' 01 00 01 'b' 00");

    [Fact]
    public void SmallPackets_AreAsTheStandardHasThem()
    {
        Check(output => MqttEncoder.Subscribe(output, MqttVersion.V311, 7, [new("b")]), "82 06 00 07 00 01 'b' 01");
        Check(output => MqttEncoder.PubAck(output, 4660), "40 02 12 34");
        Check(MqttEncoder.PingReq, "C0 00");
        Check(output => MqttEncoder.Disconnect(output, MqttVersion.V5, MqttReason.Success), "E0 00");
        Check(output => MqttEncoder.Disconnect(output, MqttVersion.V5, MqttReason.ProtocolError), "E0 01 82");
        Check(output => MqttEncoder.Disconnect(output, MqttVersion.V311, MqttReason.ProtocolError), "E0 00");
    }

    [Fact]
    public void Options_InWords_ShowNoPassword() => Assert.Equal("core:1883", $"{s_options}");

    private static void Check(Action<ArrayBufferWriter<byte>> write, string expected)
    {
        ArrayBufferWriter<byte> output = new();
        write(output);
        Assert.Equal(Convert.ToHexString(Hex.Bytes(expected)), Convert.ToHexString(output.WrittenSpan));
    }
}
