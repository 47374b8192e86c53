using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Essaim;

/// <summary>Frames being written, in one pooled array that grows. Not safe for several threads.</summary>
internal sealed class FrameBuffer : IDisposable
{
    private const int Usual = 16 * 1024;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Usual);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void PutFrame<TFrame>(in TFrame frame)
        where TFrame : IFrame
    {
        int start = Length;
        PutInt32(0);
        PutByte((byte)frame.Kind);
        frame.WriteTo(this);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(start), Length - start - FrameReader.HeaderLength);
    }

    public void PutByte(byte value) => Reserve(1)[0] = value;

    public void PutInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);

    public void PutInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    public void PutDouble(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);

    public void PutBytes(ReadOnlySpan<byte> value)
    {
        PutInt32(value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    public void PutText(string? value)
    {
        if (value is null)
        {
            PutInt32(-1);
            return;
        }

        int length = Encoding.UTF8.GetByteCount(value);
        PutInt32(length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    /// <summary>Empties it; the memory of an unusually large frame is not kept.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length <= 16 * Usual)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = ArrayPool<byte>.Shared.Rent(Usual);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, Length + count));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        Span<byte> room = _bytes.AsSpan(Length, count);
        Length += count;
        return room;
    }
}
