namespace MusicLibrary.Tests.Features;

internal static class Tones
{
    public static float[] Sine(double hertz, double seconds = 2, float loudness = 0.5f)
    {
        float[] samples = new float[(int)(seconds * FeatureExtractor.SampleRate)];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = loudness * (float)Math.Sin(2 * Math.PI * hertz * i / FeatureExtractor.SampleRate);
        return samples;
    }

    public static float[] Noise(int seed, double seconds = 2)
    {
        Random random = new(seed);
        float[] samples = new float[(int)(seconds * FeatureExtractor.SampleRate)];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = random.NextSingle() - 0.5f;
        return samples;
    }

    public static float[] Describe(params float[][] parts)
    {
        FeatureExtractor extractor = new();
        foreach (float[] part in parts)
            extractor.Add(part);
        return extractor.Finish();
    }
}
