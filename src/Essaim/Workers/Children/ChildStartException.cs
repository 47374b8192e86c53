namespace Essaim;

/// <summary>A child process did not come up.</summary>
/// <param name="message">How, whole sentences.</param>
/// <param name="inner">The lower-level error, if any.</param>
internal sealed class ChildStartException(string message, Exception? inner = null) : Exception(message, inner);
