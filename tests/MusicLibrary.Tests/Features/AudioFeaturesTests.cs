namespace MusicLibrary.Tests.Features;

public sealed class AudioFeaturesTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task ComputeAsync_SameSoundInTwoFormats_IsNearlyTheSameAndTwiceTheSame()
    {
        string flac = await Ffmpeg.MakeAsync(_folder.At("a.flac"), "sine=frequency=440:duration=3");
        string mp3 = await Ffmpeg.MakeAsync(_folder.At("a.mp3"), "sine=frequency=440:duration=3");

        float[] first = await AudioFeatures.ComputeAsync(flac, 3000, TestContext.Current.CancellationToken);
        float[] again = await AudioFeatures.ComputeAsync(flac, 3000, TestContext.Current.CancellationToken);
        float[] other = await AudioFeatures.ComputeAsync(mp3, 3000, TestContext.Current.CancellationToken);

        Assert.Equal(first, again);
        Assert.True(VectorRows.Cosine(first, other) > 0.9);
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task ComputeAsync_TruncatedFlac_SaysHowMuchWasLeft()
    {
        string whole = await Ffmpeg.MakeAsync(_folder.At("whole.flac"), "anoisesrc=seed=1:duration=5");
        string cut = _folder.At("cut.flac");
        byte[] bytes = await File.ReadAllBytesAsync(whole, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(cut, bytes[..(bytes.Length / 2)], TestContext.Current.CancellationToken);

        UnusableFileException error = await Assert.ThrowsAsync<UnusableFileException>(
            () => AudioFeatures.ComputeAsync(cut, 5000, TestContext.Current.CancellationToken));

        Assert.Matches(@"^it is damaged or cut off: only 2\.[0-9] s of 5\.0 s could be decoded$", error.Message);
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task ComputeAsync_TwentyMinutes_TakesTheMiddleAndLittleMemory()
    {
        string part = await Ffmpeg.MakeAsync(_folder.At("part.mp3"), "sine=frequency=300:duration=10", "-b:a", "32k");
        string whole = _folder.At("long.mp3");
        await Ffmpeg.RunAsync("-stream_loop", "119", "-i", part, "-c", "copy", whole);
        long before = GC.GetTotalAllocatedBytes(precise: true);

        float[] vector = await AudioFeatures.ComputeAsync(whole, 1_200_000, TestContext.Current.CancellationToken);

        Assert.Equal(FeatureExtractor.Dimension, vector.Length);
        // Twenty minutes of PCM are 105 MB. What other tests allocate meanwhile is counted too, hence the margin.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 50_000_000);
    }

    public void Dispose() => _folder.Dispose();
}
