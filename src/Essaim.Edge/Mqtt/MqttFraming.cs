namespace Essaim.Edge;

/// <summary>Finds where a packet ends from its first bytes.</summary>
internal static class MqttFraming
{
    /// <summary>The longest fixed header.</summary>
    public const int MostHeaderBytes = 5;

    /// <summary>The whole length of the packet that begins <paramref name="head"/>, or -1 where more of its header must come.</summary>
    /// <param name="head">The first bytes, at least <see cref="MostHeaderBytes"/> where there are so many.</param>
    /// <param name="most">The largest packet that is taken.</param>
    /// <exception cref="MqttException"><c>ESS6104</c>: this is no packet, or it is too large.</exception>
    public static int Find(ReadOnlySpan<byte> head, int most)
    {
        // HTTP, SSH and TLS begin otherwise: that is said at once, not when their first line has reached some length.
        if (!head.IsEmpty && (head[0] & 0x0f) != 0 && (MqttPacketKind)(head[0] >> 4) is not (MqttPacketKind.Publish or MqttPacketKind.Subscribe))
            throw MqttException.NotMqtt($"a packet that begins with 0x{head[0]:x2}");
        int length = 0;
        for (int at = 1; at < head.Length; at++)
        {
            length |= (head[at] & 0x7f) << (7 * (at - 1));
            if (head[at] < 0x80)
            {
                return length <= most - at - 1
                    ? at + 1 + length
                    : throw MqttException.NotMqtt($"a packet of {(long)at + 1 + length} bytes, where {most} are the most", MqttReason.PacketTooLarge);
            }

            if (at == MostHeaderBytes - 1)
                throw MqttException.NotMqtt("a packet whose length has more than four bytes");
        }

        return -1;
    }
}
