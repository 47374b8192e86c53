namespace MusicLibrary;

/// <summary>Resolves every link in a path, so that one folder reached by two ways has one name.</summary>
internal static class RealPath
{
    public static string Of(string path)
    {
        string real = "/";
        foreach (string part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, part);
            real = new DirectoryInfo(next) is { LinkTarget: not null } link
                && link.ResolveLinkTarget(returnFinalTarget: true) is { } target ? Of(target.FullName) : next;
        }

        return real;
    }

    public static bool IsInside(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + "/", StringComparison.Ordinal);
}
