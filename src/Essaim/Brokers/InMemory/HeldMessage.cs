namespace Essaim;

/// <summary>A message as the in-memory broker holds it.</summary>
internal sealed class HeldMessage(long id, OutgoingMessage message)
{
    public long Id => id;

    public OutgoingMessage Message => message;

    public MessagePlace Place { get; set; }

    /// <summary>Place in its queue; kept while in flight, so that a message that comes back is at the front again.</summary>
    public required long Position { get; set; }

    public DateTimeOffset ReadySince { get; set; }

    public DateTimeOffset NotBefore { get; set; }

    public int DeliveryCount { get; set; }

    public long LeaseToken { get; set; }

    public DateTimeOffset LeaseDeadline { get; set; }

    public string? Worker { get; set; }

    public DateTimeOffset ClaimedAt { get; set; }

    /// <summary>The scope of limits it was claimed under; counts there while in flight.</summary>
    public string? Scope { get; set; }

    public string? DeathReason { get; set; }

    public DateTimeOffset DiedAt { get; set; }
}
