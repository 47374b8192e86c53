namespace MusicLibrary.Tests.Features;

public sealed class FeatureExtractorTests
{
    [Fact]
    public void Finish_AnySound_HasLengthOneAndFortyToSixtyNumbers()
    {
        foreach (float[] vector in (float[][])[Tones.Describe(Tones.Sine(440)), Tones.Describe(Tones.Noise(1)), Tones.Describe(Tones.Sine(50, seconds: 0.01))])
        {
            Assert.InRange(vector.Length, 40, 60);
            Assert.Equal(1, Math.Sqrt(vector.Sum(value => (double)value * value)), 5);
        }
    }

    [Fact]
    public void Finish_NearTones_AreNearerThanNoiseAndThanAFarTone()
    {
        float[] tone = Tones.Describe(Tones.Sine(440));

        double near = VectorRows.Cosine(tone, Tones.Describe(Tones.Sine(445)));
        double far = VectorRows.Cosine(tone, Tones.Describe(Tones.Sine(3000)));
        double noise = VectorRows.Cosine(tone, Tones.Describe(Tones.Noise(1)));

        Assert.True(near > 0.95, $"near {near}");
        Assert.True(near > far + 0.2, $"near {near}, far {far}");
        Assert.True(near > noise + 0.2, $"near {near}, noise {noise}");
    }

    [Fact]
    public void Finish_TwoNoises_AreNearEachOther() =>
        Assert.True(VectorRows.Cosine(Tones.Describe(Tones.Noise(1)), Tones.Describe(Tones.Noise(2))) > 0.95);

    [Fact]
    public void Finish_SameSoundLouder_IsTheSameVector()
    {
        float[] quiet = Tones.Describe(Tones.Sine(440, loudness: 0.05f));
        float[] loud = Tones.Describe(Tones.Sine(440, loudness: 0.9f));

        Assert.True(VectorRows.Cosine(quiet, loud) > 0.999);
    }

    [Fact]
    public void Finish_SameSoundInOtherPieces_IsTheSameVectorBitForBit()
    {
        float[] sound = Tones.Noise(3);

        Assert.Equal(Tones.Describe(sound), Tones.Describe(sound[..1], sound[1..5000], sound[5000..]));
    }

    [Fact]
    public void Finish_Silence_SaysThatThereIsNothingToCompare()
    {
        UnusableFileException error = Assert.Throws<UnusableFileException>(() => Tones.Describe(new float[50_000]));

        Assert.Equal("it is silent, so that there is nothing to compare", error.Message);
    }

    [Fact]
    public void Transform_PureTone_HasItsPeakInItsBin()
    {
        float[] power = new float[PowerSpectrum.Bins];
        const int bin = 100;

        new PowerSpectrum().Transform(Tones.Sine(bin * (double)FeatureExtractor.SampleRate / PowerSpectrum.Size, seconds: 1), power);

        Assert.Equal(bin, Array.IndexOf(power, power.Max()));
        // A Hann window spreads a tone over three bins and no further.
        Assert.True(power[bin + 3] < power[bin] * 1e-6f);
    }
}
