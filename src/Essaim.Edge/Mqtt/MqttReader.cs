using System.Buffers.Binary;
using System.Text;

namespace Essaim.Edge;

/// <summary>Reads the fields of one packet, in order. Never reads past its end: a packet that is too short is no MQTT.</summary>
internal ref struct MqttReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        _ => throw MqttException.NotMqtt("a value that is neither 0 nor 1", MqttReason.ProtocolError),
    };

    public ushort Short() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public ushort NonZeroShort(string what) => Short() is > 0 and ushort value ? value : throw MqttException.NotMqtt($"{what} of 0", MqttReason.ProtocolError);

    public uint Long() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public int VariableInteger()
    {
        int value = 0;
        for (int shift = 0; shift <= 21; shift += 7)
        {
            byte next = Byte();
            value |= (next & 0x7f) << shift;
            if (next < 0x80)
                return shift > 0 && next == 0 ? throw MqttException.NotMqtt("a number with more bytes than it needs") : value;
        }

        throw MqttException.NotMqtt("a number longer than four bytes");
    }

    public ReadOnlySpan<byte> Binary() => Take(Short());

    public string Text()
    {
        try
        {
            string text = s_strict.GetString(Binary());
            return text.Contains('\0', StringComparison.Ordinal) ? throw MqttException.NotMqtt("a text with a zero in it") : text;
        }
        catch (DecoderFallbackException)
        {
            throw MqttException.NotMqtt("a text that is not UTF-8");
        }
    }

    public ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw MqttException.NotMqtt("a packet that ends too soon");
        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    public ReadOnlySpan<byte> TakeRest() => Take(_rest.Length);
}
