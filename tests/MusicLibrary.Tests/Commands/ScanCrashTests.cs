using System.Diagnostics;
using MusicLibrary.Tests.Library;

namespace MusicLibrary.Tests.Commands;

/// <summary>kill -9 of the command, its worker, its children and their ffmpegs, at several instants; then the scan once more.</summary>
[Collection(nameof(ScannedMusic))]
public sealed class ScanCrashTests(ScannedMusic scanned) : IDisposable
{
    private static readonly TimeSpan Cap = TimeSpan.FromSeconds(120);

    private readonly ScratchFolder _folder = new();

    private string Data => _folder.At("data");

    private string Library => Path.Combine(Data, "library.db");

    [Theory(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    [InlineData("while the folder is walked", "SELECT count(*) >= 1 FROM files", false)]
    [InlineData("while tags are read", "SELECT count(*) >= 1 FROM files WHERE status <> 'discovered'", false)]
    [InlineData("after the first tracks", "SELECT count(*) >= 1 FROM tracks", false)]
    [InlineData("while vectors are computed", "SELECT count(*) >= 5 FROM vectors", false)]
    [InlineData("near the end", "SELECT count(*) >= 20 FROM vectors", false)]
    [InlineData("after the first tracks, and the queue's file is lost", "SELECT count(*) >= 1 FROM tracks", true)]
    public async Task Scan_KilledAndRunAgain_MakesTheSameLibrary(string instant, string reached, bool loseQueue)
    {
        using (Process scan = MusicProgram.Start(["scan", scanned.Music, "--data", Data]))
        {
            await ReachAsync(reached, instant);
            scan.Kill(entireProcessTree: true);
            await scan.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        if (loseQueue)
        {
            foreach (string file in Directory.GetFiles(Data, "queue.db*"))
                File.Delete(file);
        }

        ScanReport report = await MusicProgram.ScanAsync(scanned.Music, Data);

        Assert.Equal((40, 40, 0), (report.Found, report.New, report.Unfinished));
        Assert.Equal(scanned.Dump, LibraryDump.Of(Library));
    }

    public void Dispose() => _folder.Dispose();

    private async Task ReachAsync(string reached, string instant)
    {
        using CancellationTokenSource cap = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cap.CancelAfter(Cap);
        while (!IsReached(reached))
        {
            Assert.False(cap.IsCancellationRequested, $"The scan did not come as far as '{instant}'.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cap.Token);
        }
    }

    private bool IsReached(string reached)
    {
        if (!File.Exists(Library))
            return false;
        using LibraryDatabase library = LibraryDatabase.Open(Library);
        return library.Read(session => session.Scalar<long>(reached)) == 1;
    }
}
