namespace Essaim;

/// <summary>
/// The order of routes, which a hash does not keep: patterns with more literal characters first, then by alphabet. Exact names are stronger than
/// any pattern in <see cref="TaskRoutes"/> itself.
/// </summary>
internal static class RouteOrder
{
    public static TaskRoutes Apply(IReadOnlyDictionary<string, string> routes)
    {
        TaskRoutes ordered = new();
        foreach ((string pattern, string queue) in routes.OrderByDescending(route => Literals(route.Key)).ThenBy(route => route.Key, StringComparer.Ordinal))
            ordered.Add(pattern, queue);
        return ordered;
    }

    private static int Literals(string pattern) => pattern.Count(character => character is not ('*' or '?'));
}
