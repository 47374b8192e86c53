using System.Buffers.Binary;
using System.Text;

namespace Essaim.Edge;

/// <summary>Writes the fields of one packet into a place that is exactly as long.</summary>
internal ref struct MqttWriter(Span<byte> place)
{
    private Span<byte> _rest = place;

    public readonly bool IsFull => _rest.IsEmpty;

    public void Byte(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }

    public void Short(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_rest, checked((ushort)value));
        _rest = _rest[2..];
    }

    public void Long(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_rest, value);
        _rest = _rest[4..];
    }

    public void VariableInteger(int value)
    {
        do
        {
            byte low = (byte)(value & 0x7f);
            value >>= 7;
            Byte(value > 0 ? (byte)(low | 0x80) : low);
        }
        while (value > 0);
    }

    public void Text(string value)
    {
        int length = Encoding.UTF8.GetBytes(value, _rest[2..]);
        Short(length);
        _rest = _rest[length..];
    }

    public void Binary(ReadOnlySpan<byte> value)
    {
        Short(value.Length);
        Raw(value);
    }

    public void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_rest);
        _rest = _rest[value.Length..];
    }

    /// <summary>Bytes of a text with its length before it.</summary>
    public static int SizeOf(string value) => 2 + Encoding.UTF8.GetByteCount(value);

    /// <summary>Bytes of a number of variable length.</summary>
    public static int SizeOf(int value) => value switch
    {
        < 128 => 1,
        < 16_384 => 2,
        < 2_097_152 => 3,
        _ => 4,
    };
}
