using System.Diagnostics;
using MusicLibrary.Tests.Library;

namespace MusicLibrary.Tests.Commands;

/// <summary>A folder of forty music files, and the library an undisturbed scan makes of it.</summary>
public sealed class ScannedMusic : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();

    public string Music => _folder.At("music");

    public string Data => _folder.At("undisturbed");

    internal ScanReport Report { get; private set; } = null!;

    internal IReadOnlyList<string> Dump { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        if (!Ffmpeg.IsUsable)
            return;
        await MakeAsync(Music, 40);
        Report = await MusicProgram.ScanAsync(Music, Data);
        Dump = LibraryDump.Of(Path.Combine(Data, "library.db"));
    }

    internal static async Task MakeAsync(string folder, int count)
    {
        using Process maker = Process.Start("python3", [Path.Combine(AppContext.BaseDirectory, "make-input"), folder, $"{count}"]);
        await maker.WaitForExitAsync();
        Assert.Equal(0, maker.ExitCode);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

[CollectionDefinition(nameof(ScannedMusic))]
public sealed class ScannedMusicGroup : ICollectionFixture<ScannedMusic>;
