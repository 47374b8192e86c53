using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Essaim.Edge.Tests;

public sealed class EdgeJsonTests
{
    [Fact]
    public void Write_EveryMessage_IsAsDocumented()
    {
        Check(
            new DeviceState { State = "online", Boot = "0badf00d", Session = 3, Epoch = "0123456789ab", Sequence = 41, Open = 0, Firmware = "1.4.0", Configuration = 7 },
            EdgeJson.Default.DeviceState,
            """{"v":1,"state":"online","boot":"0badf00d","session":3,"epoch":"0123456789ab","seq":41,"open":0,"fw":"1.4.0","cfg":7}""");
        Check(
            new DeviceState { State = "offline", Reason = "lost", Boot = "0badf00d", Session = 3 },
            EdgeJson.Default.DeviceState, """{"v":1,"state":"offline","reason":"lost","boot":"0badf00d","session":3}""");
        Check(
            new SlotHeartbeat { Boot = "0badf00d", Number = 17, Temperature = 51.2, Clock = "synced" },
            EdgeJson.Default.SlotHeartbeat, """{"v":1,"boot":"0badf00d","n":17,"open":0,"temp":51.2,"clock":"synced"}""");
        Check(
            new SlotEvent { Epoch = "0123456789ab", Sequence = 42, Kind = "vote", Round = "17", Input = "BTN_RED", Choice = "red", At = "2026-11-22T10:00:00Z", Monotonic = 123456, Age = 80, IsSynchronised = true },
            EdgeJson.Default.SlotEvent,
            """{"v":1,"e":"0123456789ab","s":42,"k":"vote","round":"17","input":"BTN_RED","choice":"red","at":"2026-11-22T10:00:00Z","mono":123456,"age":80,"sync":true}""");
        Check(
            new ReportedConfiguration { Number = 7, Status = "rejected", Error = "no" }, EdgeJson.Default.ReportedConfiguration,
            """{"v":1,"version":7,"status":"rejected","error":"no"}""");
        Check(new CommandReply { Id = "x", Status = "done" }, EdgeJson.Default.CommandReply, """{"v":1,"id":"x","status":"done"}""");
        Check(
            new VoteAck { Epoch = "0123456789ab", Sequences = [41, 42], Verdicts = [VoteVerdict.Counted, VoteVerdict.Late], Highest = 42 }, EdgeJson.Default.VoteAck,
            """{"v":1,"e":"0123456789ab","s":[41,42],"d":["counted","late"],"max":42}""");
        Check(
            new DesiredConfiguration { Number = 7, Config = JsonDocument.Parse("{\"a\":1}").RootElement }, EdgeJson.Default.DesiredConfiguration,
            """{"v":1,"version":7,"config":{"a":1}}""");
        Check(
            new SlotCommand { Id = "x", Name = "identify", Until = new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero) }, EdgeJson.Default.SlotCommand,
            """{"v":1,"id":"x","name":"identify","until":"2026-11-22T10:00:00+00:00"}""");
        Check(new CoreState { State = "online", Boot = "0badf00d" }, EdgeJson.Default.CoreState, """{"v":1,"state":"online","boot":"0badf00d"}""");
        Check(
            new RoundNotice { Round = "17", Revision = 5, State = RoundState.Open, Expected = 9, Votes = 4 }, EdgeJson.Default.RoundNotice,
            """{"v":1,"round":"17","rev":5,"state":"open","expected":9,"votes":4}""");
        Check(
            new SlotInputs { Inputs = new Dictionary<string, bool> { ["BTN_RED"] = true }, Number = 9, Holes = 1 }, EdgeJson.Default.SlotInputs,
            """{"v":1,"inputs":{"BTN_RED":true},"seqno":9,"holes":1}""");
    }

    [Theory]
    [InlineData("""{"v":1,"e":"x","s":[1],"d":["counted"],"max":1,"new":{"a":[]}}""", true)]
    [InlineData("""{"v":2,"e":"x","s":[1],"d":["counted"],"max":1}""", false)]
    [InlineData("""{"v":1,"e":"x","s":[1],"max":1}""", false)]
    [InlineData("""{"v":1,"e":null,"s":[1],"d":["counted"],"max":1}""", false)]
    [InlineData("""{"v":1,"e":"x","s":[1],"d":["perhaps"],"max":1}""", false)]
    [InlineData("""{"v":1,"e":"x","s":[1],"d":[0],"max":1}""", false)]
    [InlineData("""{"v":1,"e":"x","s":["1"],"d":["counted"],"max":1}""", false)]
    [InlineData("""{"v":1,"e":"x","s":[1],"d":["counted"],"max":1""", false)]
    [InlineData("null", false)]
    [InlineData("[]", false)]
    [InlineData("7", false)]
    [InlineData("", false)]
    public void TryRead_Payload_IsAMessageOrNone(string payload, bool isOne) =>
        Assert.Equal(isOne, EdgeJson.TryRead(Encoding.UTF8.GetBytes(payload), EdgeJson.Default.VoteAck, out _));

    [Fact]
    public void TryRead_Mutations_NeverAnythingButAnAnswer()
    {
        Random random = new(77);
        byte[] good = """{"v":1,"e":"0123456789ab","s":42,"k":"vote","round":"17","input":"BTN_RED","choice":"red","at":"2026-11-22T10:00:00Z","mono":123456,"age":80,"sync":true}"""u8.ToArray();
        (int read, int refused) = (0, 0);
        for (int i = 0; i < 100_000; i++)
        {
            byte[] bytes = [.. good];
            for (int changes = random.Next(1, 3); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(32, 256);
            if (EdgeJson.TryRead(bytes.AsSpan(0, random.Next(8) == 0 ? random.Next(bytes.Length) : bytes.Length), EdgeJson.Default.SlotEvent, out _))
                read++;
            else
                refused++;
        }

        Assert.True(read > 10_000 && refused > 10_000, $"read {read}, refused {refused}");
    }

    [Theory]
    [InlineData("edge/v1/slot/slot-01/up/event", "slot-01", "event")]
    [InlineData("edge/v1/slot/a/up/hb", "a", "hb")]
    [InlineData("edge/v1/slot/a/up/hb/more", null, null)]
    [InlineData("edge/v1/slot/A/up/hb", null, null)]
    [InlineData("edge/v1/slot//up/hb", null, null)]
    [InlineData("edge/v1/slot/a/down/ack", null, null)]
    [InlineData("edge/v1/slot/abcdefghijabcdefghijabcdefghijabc/up/hb", null, null)]
    [InlineData("edge/v2/slot/a/up/hb", null, null)]
    [InlineData("", null, null)]
    public void TryReadUp_Topic_SaysWhoAndWhat(string topic, string? slot, string? word)
    {
        Assert.Equal(slot is not null, EdgeTopics.TryReadUp(topic, out string who, out string what));
        Assert.Equal((slot ?? "", word ?? ""), (who, what));
        if (slot is not null)
            Assert.Equal(topic, EdgeTopics.Up(slot, word!));
    }

    private static void Check<T>(T message, JsonTypeInfo<T> type, string expected)
        where T : class, IEdgeMessage
    {
        byte[] bytes = EdgeJson.Write(message, type);
        Assert.Equal(expected, Encoding.UTF8.GetString(bytes));
        Assert.True(EdgeJson.TryRead(bytes, type, out T? read));
        Assert.Equal(bytes, EdgeJson.Write(read, type));
    }
}
