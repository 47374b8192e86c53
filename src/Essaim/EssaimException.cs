namespace Essaim;

/// <summary>Root of the errors a caller can act on. <see cref="Code"/> is stable and has a line in <c>docs/errors.md</c>.</summary>
public abstract class EssaimException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="code">Stable code, <c>ESS</c> and four digits.</param>
    /// <param name="message">What happened, to what, why, and what to do next.</param>
    /// <param name="inner">The lower-level error, if any.</param>
    protected EssaimException(string code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>Stable code, such as <c>ESS1001</c>.</summary>
    public string Code { get; }

    /// <summary>True where the same may work a little later, with nothing changed.</summary>
    internal bool MayPass { get; init; }
}
