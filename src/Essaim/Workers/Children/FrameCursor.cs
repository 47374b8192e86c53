using System.Buffers.Binary;
using System.Text;

namespace Essaim;

/// <summary>Reads the payload of one frame, front to back.</summary>
internal ref struct FrameCursor(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    public byte TakeByte() => Take(1)[0];

    public int TakeInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long TakeInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double TakeDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public ReadOnlySpan<byte> TakeBytes() => Take(TakeInt32());

    public string? TakeText()
    {
        int length = TakeInt32();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length)
            throw new InvalidDataException($"A frame of the child channel ends {count - _rest.Length} bytes too early.");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
