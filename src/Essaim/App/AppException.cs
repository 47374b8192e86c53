namespace Essaim;

/// <summary>A command cannot do what it was asked to.</summary>
/// <param name="code">Stable code, <c>ESS40xx</c>.</param>
/// <param name="message">What happened, to what, why, and what to do.</param>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="inner">The lower-level error, if any.</param>
public sealed class AppException(string code, string message, int exitCode = ExitCodes.Unusable, Exception? inner = null)
    : EssaimException(code, message, inner)
{
    /// <summary>The exit code it leads to.</summary>
    public int ExitCode { get; } = exitCode;
}
