namespace Essaim;

/// <summary>
/// Stands on a task's last parameter, which then gets every keyword argument no other parameter has, as Python's <c>**kwargs</c> does.
/// Its type is <c>IReadOnlyDictionary&lt;string, RawJson&gt;</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class RestKeywordsAttribute : Attribute;
