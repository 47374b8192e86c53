namespace MusicLibrary;

/// <summary>
/// Takes mono samples as they come and ends with a vector of <see cref="Dimension"/> numbers of length 1: how loud each mel
/// band is against the others, how much it moves, and how bright and how noisy the whole is. Loudness itself does not count.
/// Memory: 100 bytes a frame (21 frames a second).
/// </summary>
internal sealed class FeatureExtractor
{
    public const int SampleRate = 22_050;
    public const int Dimension = 2 * MelFilterbank.Bands + 4;
    private const int Hop = PowerSpectrum.Size / 2;
    private const float RangeDb = 80;

    private static readonly MelFilterbank Filters = new(SampleRate);

    private readonly PowerSpectrum _spectrum = new();
    private readonly float[] _frame = new float[PowerSpectrum.Size];
    private readonly float[] _power = new float[PowerSpectrum.Bins];
    private readonly List<float[]> _frames = [];
    private int _filled;

    /// <summary>Samples taken so far.</summary>
    public long Samples { get; private set; }

    public void Add(ReadOnlySpan<float> samples)
    {
        Samples += samples.Length;
        while (samples.Length > 0)
        {
            int taken = Math.Min(samples.Length, _frame.Length - _filled);
            samples[..taken].CopyTo(_frame.AsSpan(_filled));
            samples = samples[taken..];
            _filled += taken;
            if (_filled == _frame.Length)
                EndFrame();
        }
    }

    /// <summary>The vector. Something shorter than one frame is filled up with silence.</summary>
    /// <exception cref="UnusableFileException">It is silent: there is nothing to compare.</exception>
    public float[] Finish()
    {
        if (_frames.Count == 0)
        {
            _frame.AsSpan(_filled).Clear();
            EndFrame();
        }

        float loudest = _frames.Max(frame => frame.Max());
        if (!(loudest > 1e-9f) || !float.IsFinite(loudest))
            throw new UnusableFileException("it is silent, so that there is nothing to compare");
        float[][] levels = [.. _frames.Select(frame => Array.ConvertAll(frame, power => Level(power, loudest)))];
        float[] vector = new float[Dimension];
        for (int band = 0; band < MelFilterbank.Bands; band++)
            (vector[band], vector[MelFilterbank.Bands + band]) = Spread(levels, frame => frame[band]);
        Centre(vector.AsSpan(0, MelFilterbank.Bands));
        Normalise(vector.AsSpan(0, MelFilterbank.Bands));
        Span<float> overall = vector.AsSpan(2 * MelFilterbank.Bands);
        (overall[0], overall[1]) = Spread(_frames, Brightness);
        (overall[2], overall[3]) = Spread(_frames, Flatness);
        overall[0] -= 0.5f;
        Normalise(vector);
        return vector;
    }

    private void EndFrame()
    {
        float[] bands = new float[MelFilterbank.Bands];
        _spectrum.Transform(_frame, _power);
        Filters.Apply(_power, bands);
        _frames.Add(bands);
        _frame.AsSpan(Hop).CopyTo(_frame);
        _filled = Hop;
    }

    /// <summary>0 for the loudest band of the track, -1 for what is 80 dB below it or less.</summary>
    private static float Level(float power, float loudest) =>
        Math.Max(10 * MathF.Log10(Math.Max(power / loudest, 1e-12f)), -RangeDb) / RangeDb;

    /// <summary>Where the middle of the energy lies, 0 (lowest band) to 1 (highest).</summary>
    private static float Brightness(float[] bands)
    {
        float sum = bands.Sum(), weighted = 0;
        for (int band = 0; band < bands.Length; band++)
            weighted += bands[band] * band;
        return sum > 0 ? weighted / sum / (bands.Length - 1) : 0;
    }

    /// <summary>0 for a pure tone, 1 for energy spread evenly: geometric over arithmetic mean.</summary>
    private static float Flatness(float[] bands)
    {
        float mean = bands.Average();
        return mean > 0 ? MathF.Exp(bands.Average(band => MathF.Log(band / mean + 1e-12f))) : 0;
    }

    private static (float Mean, float Deviation) Spread(IReadOnlyList<float[]> frames, Func<float[], float> value)
    {
        double sum = 0, squares = 0;
        foreach (float[] frame in frames)
        {
            double one = value(frame);
            sum += one;
            squares += one * one;
        }

        double mean = sum / frames.Count;
        return ((float)mean, (float)Math.Sqrt(Math.Max(0, squares / frames.Count - mean * mean)));
    }

    private static void Centre(Span<float> values)
    {
        float sum = 0;
        foreach (float value in values)
            sum += value;
        foreach (ref float value in values)
            value -= sum / values.Length;
    }

    private static void Normalise(Span<float> values)
    {
        double squares = 0;
        foreach (float value in values)
            squares += (double)value * value;
        if (squares < 1e-18)
            return;
        float factor = (float)(1 / Math.Sqrt(squares));
        foreach (ref float value in values)
            value *= factor;
    }
}
