namespace MusicLibrary;

/// <summary>
/// Meets every music file below a folder once, in one order, whatever the folder holds. Links that lead back inside are left
/// out (their target is met anyway), links that lead outside are followed once.
/// </summary>
internal sealed class FolderWalk(string root)
{
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wav", ".aif", ".aiff", ".wma", ".mka", ".wv", ".ape", ".mpc",
    };

    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
    };

    private readonly string _realRoot = RealPath.Of(root);
    private readonly HashSet<string> _entered = new(StringComparer.Ordinal);
    private readonly Stack<(string Path, string Real)> _folders = new();

    public IEnumerable<WalkEntry> Enter()
    {
        _folders.Push((root, _realRoot));
        while (_folders.TryPop(out (string Path, string Real) folder))
        {
            if (!_entered.Add(folder.Real))
                continue;
            if (List(folder.Path, out WalkEntry problem) is not { } found)
            {
                yield return problem;
                continue;
            }

            List<(string, string)> below = [];
            foreach (FileSystemInfo info in found)
            {
                if (Meet(info, folder.Real, below) is { } entry)
                    yield return entry;
            }

            for (int last = below.Count - 1; last >= 0; last--)
                _folders.Push(below[last]);
        }
    }

    private static List<FileSystemInfo>? List(string folder, out WalkEntry problem)
    {
        problem = default;
        try
        {
            List<FileSystemInfo> found = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything)];
            found.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
            return found;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = WalkEntry.Unreadable(folder, $"the folder cannot be listed: {ReadErrors.Explain(error)}");
            return null;
        }
    }

    private WalkEntry? Meet(FileSystemInfo info, string realFolder, List<(string, string)> below)
    {
        if (info.Name.StartsWith('.'))
            return null;
        bool isFolder = info is DirectoryInfo;
        bool isMusic = Extensions.Contains(info.Extension);
        try
        {
            // .NET reads names as UTF-8 and cannot open one that is not.
            if ((isFolder || isMusic) && info.Name.Contains('\uFFFD', StringComparison.Ordinal) && !Path.Exists(info.FullName))
                return WalkEntry.Unreadable(info.FullName, "its name is not valid UTF-8; rename it (on Debian: convmv)");
            if (info.LinkTarget is not null)
                return MeetLink(info, isMusic, below);
            if (isFolder)
                below.Add((info.FullName, Path.Combine(realFolder, info.Name)));
            else if (isMusic && info is FileInfo { Exists: true } file)
                return new WalkEntry(new FileRef(file.FullName, file.Length, file.LastWriteTimeUtc.Ticks), null);
            return null;
        }
        catch (FileNotFoundException)
        {
            return null; // Gone between listing and looking: nothing to scan.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return isMusic || isFolder ? WalkEntry.Unreadable(info.FullName, ReadErrors.Explain(error)) : null;
        }
    }

    private WalkEntry? MeetLink(FileSystemInfo link, bool isMusic, List<(string, string)> below)
    {
        string target = RealPath.Of(link.FullName);
        if (RealPath.IsInside(target, _realRoot) && Path.Exists(target))
            return null;
        if (Directory.Exists(target))
            below.Add((link.FullName, target));
        else if (isMusic)
            return File.Exists(target) ? new WalkEntry(FileRef.Look(link.FullName)!, null) : WalkEntry.Unreadable(link.FullName, "a link that leads nowhere");
        return null;
    }
}
