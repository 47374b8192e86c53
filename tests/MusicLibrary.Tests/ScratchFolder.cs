namespace MusicLibrary.Tests;

/// <summary>A folder of a test's own, removed with it.</summary>
public sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("music-library-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text = "not music")
    {
        string path = At(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>By <c>rm</c>, since .NET cannot remove names that are not UTF-8.</summary>
    public void Dispose()
    {
        using System.Diagnostics.Process rm = System.Diagnostics.Process.Start("rm", ["-rf", Path]);
        rm.WaitForExit();
    }
}
