using System.Globalization;

namespace Essaim;

/// <summary>Content cannot be kept, or is not what its id says.</summary>
public sealed class BlobException : EssaimException
{
    private BlobException(string code, string message, Exception? inner = null)
        : base(code, message, inner)
    {
    }

    /// <summary><c>ESS6041</c>: more than <see cref="IBlobStore.MostBytes"/>.</summary>
    /// <param name="what">What has these bytes; begins the sentence.</param>
    /// <param name="size">How many.</param>
    public static BlobException TooLarge(string what, long size) => new("ESS6041", string.Create(
        CultureInfo.InvariantCulture,
        $"{what} has {size:N0} bytes; the broker keeps at most {IBlobStore.MostBytes:N0} (64 MiB) in one piece. Compress it, split it, or put it where the machines can read it and send where it is."));

    /// <summary><c>ESS6042</c>: what was read is not what was put.</summary>
    public static BlobException Damaged(string id) => new(
        "ESS6042", $"The content {id} in the broker is not what was put there: its hash differs. It was removed; put it again, and look at the broker's memory and disk.");

    /// <summary><c>ESS6043</c>: the broker has no room.</summary>
    public static BlobException NoRoom(long size, string reason, Exception? inner) => new("ESS6043", string.Create(
        CultureInfo.InvariantCulture,
        $"{size:N0} bytes were not put into the broker: {reason} Nothing of them stays there. Files pass through its memory: give it more (maxmemory), wait until others have expired, or send less."), inner);
}
