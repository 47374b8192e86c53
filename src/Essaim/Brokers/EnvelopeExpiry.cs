using Essaim.Protocol;

namespace Essaim;

/// <summary>When a message expires, read from its envelope.</summary>
internal static class EnvelopeExpiry
{
    /// <summary>Null where it does not, or the envelope cannot be read.</summary>
    public static DateTimeOffset? Of(ReadOnlyMemory<byte> envelope)
    {
        try
        {
            return MessageCodec.Decode(envelope).Expires;
        }
        catch (MessageFormatException)
        {
            return null;
        }
    }
}
