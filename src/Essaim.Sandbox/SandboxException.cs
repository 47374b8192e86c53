namespace Essaim.Sandbox;

/// <summary>A run cannot be started, or is not there.</summary>
/// <param name="code">Stable code, <c>ESS60xx</c>.</param>
/// <param name="message">What happened, to what, and what to do.</param>
/// <param name="inner">The lower-level error, if any.</param>
internal sealed class SandboxException(string code, string message, Exception? inner = null) : EssaimException(code, message, inner);
