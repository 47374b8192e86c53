namespace Essaim.Edge.Tests;

public sealed class FramingTests
{
    public static TheoryData<string> Everything => Packets.Everything;

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Take_EverySplit_IsTheSamePacket(string row)
    {
        (MqttVersion version, byte[] packet) = Packets.Parse(row);
        string whole = Show(MqttDecoder.Decode(packet, version));
        byte[] followed = [.. packet, 0xd0, 0x00];

        for (int first = 1; first <= followed.Length; first++)
        {
            for (int second = first; second <= followed.Length; second++)
            {
                MqttInput input = new(new Pieces(followed, first, second), 1024);
                Assert.Equal(whole, Show(await ReadAsync(input, version)));
                Assert.Equal(MqttPacketKind.PingResp, (await ReadAsync(input, version)).Kind);
                await Assert.ThrowsAsync<EndOfStreamException>(async () => await ReadAsync(input, version));
            }
        }
    }

    [Theory]
    [InlineData("30 80 80 80 80 01", "a packet whose length has more than four bytes")]
    [InlineData("30 FF FF FF 7F", "a packet of 268435460 bytes, where 1024 are the most")]
    [InlineData("30 FF 07", "a packet of 1026 bytes, where 1024 are the most")]
    public void Find_TooLong_IsRefused(string hex, string what)
    {
        MqttException error = Assert.Throws<MqttException>(() => MqttFraming.Find(Hex.Bytes(hex).AsSpan(0, Math.Min(5, Hex.Bytes(hex).Length)), 1024));

        Assert.Equal(("ESS6104", $"What came is not MQTT: {what}. Is there a broker behind this port, and TLS where it wants TLS?"), (error.Code, error.Message));
    }

    [Fact]
    public async Task Fill_PacketsLargerThanTheBuffer_AreWholeAndTheBufferShrinksAgain()
    {
        byte[] large = new byte[100_000];
        new byte[] { 0x30, 0x9c, 0x8d, 0x06, 0, 1, (byte)'a', 0 }.CopyTo(large, 0);
        MqttInput input = new(new Pieces([.. large, 0xd0, 0, .. large], 70_000, 100_003), 256 * 1024);

        Assert.Equal(99_992, (await ReadAsync(input, MqttVersion.V5)).Message!.Payload.Length);
        Assert.Equal(MqttPacketKind.PingResp, (await ReadAsync(input, MqttVersion.V5)).Kind);
        Assert.Equal(99_992, (await ReadAsync(input, MqttVersion.V5)).Message!.Payload.Length);
    }

    [Fact]
    public void Decode_MillionMutations_NeverAnythingButAnAnswer()
    {
        Random random = new(20261126);
        (MqttVersion Version, byte[] Bytes)[] packets = [.. Packets.All.Select(packet => (packet.Version, Hex.Bytes(packet.Hex)))];
        byte[] bytes = new byte[256];
        (int read, int more, int refused) = (0, 0, 0);
        for (int i = 0; i < 1_000_000; i++)
        {
            (MqttVersion version, byte[] one) = packets[random.Next(packets.Length)];
            byte[] other = packets[random.Next(packets.Length)].Bytes;
            one.CopyTo(bytes, 0);
            int cut = random.Next(4) == 0 ? random.Next(one.Length + 1) : one.Length;
            other.CopyTo(bytes, cut);
            int length = random.Next(8) == 0 ? random.Next(1, cut + other.Length) : cut + other.Length;
            for (int changes = random.Next(3); changes > 0; changes--)
                bytes[random.Next(length)] = (byte)random.Next(random.Next(2) == 0 ? 48 : 256);

            switch (Answer(bytes.AsSpan(0, length), version))
            {
                case true: read++; break;
                case false: refused++; break;
                default: more++; break;
            }
        }

        Assert.True(read > 50_000 && more > 50_000 && refused > 50_000, $"read {read}, more {more}, refused {refused}");
    }

    private static bool? Answer(ReadOnlySpan<byte> bytes, MqttVersion version)
    {
        try
        {
            int length = MqttFraming.Find(bytes[..Math.Min(5, bytes.Length)], 1024);
            if (length < 0 || length > bytes.Length)
                return null;
            MqttDecoder.Decode(bytes[..length], version);
            return true;
        }
        catch (MqttException error)
        {
            Assert.Equal("ESS6104", error.Code);
            return false;
        }
    }

    private static async Task<MqttPacket> ReadAsync(MqttInput input, MqttVersion version)
    {
        while (true)
        {
            if (Take(input, version) is { } packet)
                return packet;
            await input.FillAsync(TestContext.Current.CancellationToken);
        }
    }

    private static MqttPacket? Take(MqttInput input, MqttVersion version) => input.TryTake(out ReadOnlySpan<byte> bytes) ? MqttDecoder.Decode(bytes, version) : null;

    private static string Show(MqttPacket packet) =>
        $"{packet.Kind} {packet.Id} {packet.Reason} {packet.SessionPresent} {packet.Message?.Topic} {Convert.ToHexString(packet.Message is null ? [] : packet.Message.Payload.Span)} {string.Join(',', packet.Reasons ?? [])} {packet.Properties?.ReasonString}";

    /// <summary>A stream whose reads end at two places.</summary>
    private sealed class Pieces(byte[] all, int first, int second) : MemoryStream(all)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            long end = Position < first ? first : Position < second ? second : Length;
            return base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, end - Position)], cancellationToken);
        }
    }
}
