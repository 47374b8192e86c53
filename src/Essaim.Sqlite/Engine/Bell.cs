using System.Globalization;

namespace Essaim.Sqlite;

/// <summary>What a bell says.</summary>
internal enum BellKind
{
    Work,
    Results,
    Events,
    Control,
    Configuration,
}

/// <summary>
/// Wakes the other processes on this file without polling: each process writes a byte to a file of its own in a folder all of them
/// watch (inotify). Its own rings it does not hear. Where the system has no watches left, the <see cref="FallbackLooker"/> still finds the news.
/// </summary>
internal sealed class Bell : IDisposable
{
    private static readonly byte[] Stroke = [1];
    private static readonly string[] Names = Enum.GetNames<BellKind>();
    private readonly string _folder;
    private readonly string _suffix = $".{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}-{Guid.NewGuid():N}";
    private readonly string[] _paths;
    private readonly FileSystemWatcher? _watcher;

    /// <summary>Begins to listen.</summary>
    /// <param name="folder">Exists.</param>
    /// <param name="heard">Called on a thread of the watcher when another process rang; null where anything may have happened.</param>
    /// <param name="now">To know the files of processes that are gone.</param>
    public Bell(string folder, Action<BellKind?> heard, DateTimeOffset now)
    {
        _folder = folder;
        _paths = [.. Names.Select(name => Path.Combine(folder, name + _suffix))];
        RemoveOld(now);
        try
        {
            _watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName };
            _watcher.Changed += (_, change) => OnChange(change.Name, heard);
            _watcher.Created += (_, change) => OnChange(change.Name, heard);
            _watcher.Error += (_, _) => heard(null);
            _watcher.EnableRaisingEvents = true;
        }
        catch (IOException)
        {
            // No watches left for this user.
            _watcher?.Dispose();
            _watcher = null;
        }
    }

    /// <summary>Tells the other processes. A bell that cannot be rung is no reason to fail: the news is in the file.</summary>
    public void Ring(BellKind kind)
    {
        try
        {
            // Opened each time: the file may have been swept away as a dead process's.
            using Microsoft.Win32.SafeHandles.SafeFileHandle file =
                File.OpenHandle(_paths[(int)kind], FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.Write(file, Stroke, 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The disk is full, or the folder is gone.
        }
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        foreach (string path in _paths)
            TryDelete(path);
    }

    private void OnChange(string? name, Action<BellKind?> heard)
    {
        if (name is null || name.EndsWith(_suffix, StringComparison.Ordinal))
            return;
        int kind = Array.FindIndex(Names, known => name.StartsWith(known, StringComparison.Ordinal));
        if (kind >= 0)
            heard((BellKind)kind);
    }

    // A process that was killed leaves its files behind; a living one makes them anew when it rings.
    private void RemoveOld(DateTimeOffset now)
    {
        foreach (FileInfo file in new DirectoryInfo(_folder).EnumerateFiles("*.*-*"))
        {
            if (now - file.LastWriteTimeUtc > TimeSpan.FromHours(1))
                TryDelete(file.FullName);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It stays; it is one byte.
        }
    }
}
