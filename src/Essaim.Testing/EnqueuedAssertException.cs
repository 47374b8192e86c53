namespace Essaim.Testing;

/// <summary>What a test expected to be sent was not, or what was not to be sent was.</summary>
/// <param name="message">What was expected, and what was sent.</param>
public sealed class EnqueuedAssertException(string message) : Exception(message);
