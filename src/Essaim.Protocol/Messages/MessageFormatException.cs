namespace Essaim.Protocol;

/// <summary>
/// The bytes are not a message this protocol allows. <see cref="Field"/> or <see cref="Position"/> says where.
/// The message goes to the dead letters; nothing in it is ever executed.
/// </summary>
public sealed class MessageFormatException : FormatException
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">What is wrong, whole sentence.</param>
    /// <param name="field">Path of the field, such as <c>headers.id</c>, or null.</param>
    /// <param name="position">Byte offset into the text that was read, or -1 where a field says it better.</param>
    /// <param name="inner">The lower-level error, if any.</param>
    public MessageFormatException(string message, string? field = null, long position = -1, Exception? inner = null)
        : base(message, inner)
    {
        Field = field;
        Position = position;
    }

    /// <summary>Path of the field at fault, such as <c>properties.delivery_tag</c>; null where only a position is known.</summary>
    public string? Field { get; }

    /// <summary>Byte offset into the text, or -1.</summary>
    public long Position { get; }
}
