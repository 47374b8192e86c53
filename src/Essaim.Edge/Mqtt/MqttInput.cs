namespace Essaim.Edge;

/// <summary>Cuts what comes into packets. Holds one packet at most, besides what came with it in one read.</summary>
/// <param name="stream">Where it comes from.</param>
/// <param name="most">The largest packet that is taken, in bytes.</param>
internal sealed class MqttInput(Stream stream, int most)
{
    private const int Usual = 16 * 1024;
    private byte[] _buffer = new byte[Usual];
    private int _start;
    private int _end;

    /// <summary>The next packet, if it is whole; valid until the next <see cref="FillAsync"/>.</summary>
    /// <exception cref="MqttException"><c>ESS6104</c>.</exception>
    public bool TryTake(out ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _end - _start);
        int length = bytes.IsEmpty ? -1 : MqttFraming.Find(bytes[..Math.Min(bytes.Length, MqttFraming.MostHeaderBytes)], most);
        if (length < 0 || length > bytes.Length)
        {
            packet = default;
            return false;
        }

        packet = bytes[..length];
        _start += length;
        return true;
    }

    /// <summary>Waits for more.</summary>
    /// <exception cref="IOException">The other side closed the connection, or it broke.</exception>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        int got = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (got == 0)
            throw new EndOfStreamException("the broker closed it");
        _end += got;
    }

    private void MakeRoom()
    {
        int kept = _end - _start;
        // One large packet must not hold its memory for as long as the connection lives.
        int wanted = kept < Usual ? Usual : Math.Min(kept * 2, Math.Max(most, Usual) + Usual);
        byte[] target = wanted == _buffer.Length ? _buffer : new byte[wanted];
        if (target != _buffer || _start > 0)
            Buffer.BlockCopy(_buffer, _start, target, 0, kept);
        (_buffer, _start, _end) = (target, 0, kept);
    }
}
