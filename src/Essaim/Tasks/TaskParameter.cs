using System.Text;

namespace Essaim;

/// <summary>One parameter of a task, bound from the message.</summary>
/// <param name="Name">Name as declared.</param>
/// <param name="WireName">Keyword it is sent under.</param>
/// <param name="Type">.NET type.</param>
/// <param name="Optional">True where it may be left out.</param>
/// <param name="Default">Value when left out.</param>
public sealed record TaskParameter(string Name, string WireName, Type Type, bool Optional, object? Default)
{
    /// <summary>Stands for "left out, and the type has its own initial value".</summary>
    internal static readonly object Unset = new();

    internal bool AllowsNull { get; init; } = true;

    /// <summary>Gets every keyword no other parameter has.</summary>
    internal bool TakesRest { get; init; }

    internal byte[] WireNameUtf8 { get; } = Encoding.UTF8.GetBytes(WireName);

    /// <summary>The same text for <c>trackId</c>, <c>TrackId</c> and <c>track_id</c>.</summary>
    internal static string Fold(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    internal string FoldedName { get; } = Fold(Name);

    internal string Describe() => TakesRest ? "any other keywords" : Optional ? $"{WireName}: {TypeName(Type)}, optional" : $"{WireName}: {TypeName(Type)}";

    internal static string TypeName(Type type) => Nullable.GetUnderlyingType(type) is { } inner
        ? TypeName(inner) + "?"
        : type.IsArray ? TypeName(type.GetElementType()!) + "[]"
        : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>"
        : type.Name;
}
