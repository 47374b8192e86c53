using Essaim;

namespace MusicLibrary;

/// <summary>The library cannot be opened; the message says why and what to do.</summary>
internal sealed class LibraryException(string message, Exception? inner = null) : EssaimException("ESS9002", message, inner);
