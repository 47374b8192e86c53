namespace Essaim;

/// <summary>A function or version is named wrongly, or is not there.</summary>
/// <param name="code">Stable code, <c>ESS602x</c>.</param>
/// <param name="message">What happened, to what, and what to do.</param>
public sealed class FunctionException(string code, string message) : EssaimException(code, message);
