namespace Essaim.Compare;

/// <summary>The comparison was called in a way it cannot serve, or lacks something on this machine; the text says what to do.</summary>
internal sealed class UsageException(string message) : Exception(message);
