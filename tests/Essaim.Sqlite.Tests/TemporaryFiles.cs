using System.Globalization;
using Essaim.Sqlite.Tests;

[assembly: AssemblyFixture(typeof(TemporaryFiles))]

namespace Essaim.Sqlite.Tests;

/// <summary>A folder for the files of one run of the tests, removed at its end.</summary>
public sealed class TemporaryFiles : IDisposable
{
    private static readonly string Root = Directory.CreateTempSubdirectory("essaim-sqlite-").FullName;
    private static int _count;

    /// <summary>A path in a new folder of its own.</summary>
    public static string NewPath(string name = "essaim.db")
    {
        string folder = Path.Combine(Root, Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, name);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
