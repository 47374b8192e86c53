using System.Buffers;
using System.Buffers.Binary;

namespace Essaim;

/// <summary>Reads frames from a pipe, blocking: .NET has no asynchronous anonymous pipes. For one thread.</summary>
internal sealed class FrameReader(Stream stream) : IDisposable
{
    public const int HeaderLength = 5;
    private const int Usual = 16 * 1024;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Usual);
    private int _start;
    private int _end;

    /// <summary>All that was read so far has been given out.</summary>
    public bool IsDrained => _start == _end;

    /// <summary>The next frame; its payload is valid until the next call. False at the end of the channel.</summary>
    /// <exception cref="InvalidDataException">What came is no frame.</exception>
    public bool TryRead(out FrameKind kind, out ReadOnlySpan<byte> payload)
    {
        kind = default;
        payload = default;
        if (!Fill(HeaderLength))
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_start));
        if (length < 0)
            throw new InvalidDataException($"A frame of the child channel claims to be {length} bytes long.");
        kind = (FrameKind)_bytes[_start + 4];
        if (!Fill(HeaderLength + length))
            return false;
        payload = _bytes.AsSpan(_start + HeaderLength, length);
        _start += HeaderLength + length;
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private bool Fill(int count)
    {
        if (_start == _end)
            StartOver();
        if (_start + count > _bytes.Length)
            MakeRoom(count);
        while (_end - _start < count)
        {
            int read = stream.Read(_bytes.AsSpan(_end));
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }

    private void StartOver()
    {
        _start = _end = 0;
        if (_bytes.Length <= 16 * Usual)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = ArrayPool<byte>.Shared.Rent(Usual);
    }

    private void MakeRoom(int count)
    {
        byte[] target = count > _bytes.Length ? ArrayPool<byte>.Shared.Rent(count) : _bytes;
        Buffer.BlockCopy(_bytes, _start, target, 0, _end - _start);
        if (target != _bytes)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = target;
        _end -= _start;
        _start = 0;
    }
}
