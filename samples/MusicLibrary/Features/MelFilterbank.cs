namespace MusicLibrary;

/// <summary>Sums a power spectrum into bands as wide as the ear hears them: triangles evenly spaced on the mel scale.</summary>
internal sealed class MelFilterbank
{
    public const int Bands = 24;
    private const double Lowest = 60;

    private readonly int[] _first = new int[Bands];
    private readonly float[][] _weights = new float[Bands][];

    public MelFilterbank(int sampleRate)
    {
        double low = ToMel(Lowest), high = ToMel(sampleRate / 2.0);
        double Edge(int index) => ToHertz(low + (high - low) * index / (Bands + 1)) * PowerSpectrum.Size / sampleRate;
        for (int band = 0; band < Bands; band++)
        {
            double left = Edge(band), centre = Edge(band + 1), right = Edge(band + 2);
            _first[band] = (int)Math.Ceiling(left);
            int last = Math.Min((int)Math.Floor(right), PowerSpectrum.Bins - 1);
            _weights[band] = new float[Math.Max(last - _first[band] + 1, 0)];
            for (int i = 0; i < _weights[band].Length; i++)
            {
                int bin = _first[band] + i;
                _weights[band][i] = (float)Math.Max(0, Math.Min((bin - left) / (centre - left), (right - bin) / (right - centre)));
            }
        }
    }

    /// <summary>Writes the power of each band.</summary>
    public void Apply(ReadOnlySpan<float> power, Span<float> bands)
    {
        for (int band = 0; band < Bands; band++)
        {
            float sum = 0;
            ReadOnlySpan<float> part = power.Slice(_first[band], _weights[band].Length);
            for (int i = 0; i < part.Length; i++)
                sum += part[i] * _weights[band][i];
            bands[band] = sum;
        }
    }

    private static double ToMel(double hertz) => 2595 * Math.Log10(1 + hertz / 700);

    private static double ToHertz(double mel) => 700 * (Math.Pow(10, mel / 2595) - 1);
}
