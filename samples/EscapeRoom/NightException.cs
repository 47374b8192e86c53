using Essaim;

namespace EscapeRoom;

/// <summary>The night cannot be played; the message says why and what to do.</summary>
internal sealed class NightException(string message) : EssaimException("ESS9011", message);
