namespace Essaim.Cli;

/// <summary>Remembers what a data folder held, so that a start that fails can remove what it made.</summary>
internal sealed class FolderUndo
{
    private readonly string _folder;
    private readonly string? _firstMade;
    private readonly HashSet<string> _before;

    private FolderUndo(string folder, string? firstMade)
    {
        _folder = folder;
        _firstMade = firstMade;
        _before = firstMade is null ? [.. Directory.EnumerateFileSystemEntries(folder)] : [];
    }

    /// <summary>Makes the folder, for this user only, where it is not there.</summary>
    /// <exception cref="AppException"><c>ESS4012</c>.</exception>
    public static FolderUndo Prepare(string folder)
    {
        string? missing = null;
        for (string? path = folder; path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
            missing = path;
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return new FolderUndo(folder, missing);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw DataFolderLock.Unwritable(folder, error);
        }
    }

    /// <summary>Removes what was made since; the files of a database that was there before are not touched.</summary>
    public void Undo()
    {
        if (_firstMade is not null)
        {
            Directory.Delete(_firstMade, recursive: true);
            return;
        }

        foreach (FileSystemInfo made in new DirectoryInfo(_folder).EnumerateFileSystemInfos().Where(IsOurs))
        {
            if (made is DirectoryInfo directory)
                directory.Delete(recursive: true);
            else
                made.Delete();
        }
    }

    private bool IsOurs(FileSystemInfo entry) =>
        !_before.Contains(entry.FullName) && !_before.Any(old => entry.FullName.StartsWith(old + "-", StringComparison.Ordinal));
}
