using Essaim.Protocol;

namespace Essaim;

/// <summary>An error as Python shows it, <c>KeyError('x')</c>: what Celery's monitors are used to read.</summary>
/// <param name="repr">Its <c>repr</c>.</param>
internal sealed class PythonFault(string repr) : Exception(repr)
{
    public static PythonFault Of(string type, string text) => new($"{type}({Quote(text)})");

    /// <summary>An argument that must be given and is not.</summary>
    public static PythonFault Missing(string method, string argument) =>
        Of("TypeError", $"{method}() missing 1 required positional argument: '{argument}'");

    /// <summary>Text as Python's <c>repr</c> writes it.</summary>
    public static string Quote(string text) => PythonRepr.Write(RawJson.From(text));
}
