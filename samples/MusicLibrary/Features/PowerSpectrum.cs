namespace MusicLibrary;

/// <summary>Windowed Fourier transform of a frame of <see cref="Size"/> samples (radix 2, in place, tables made once).</summary>
internal sealed class PowerSpectrum
{
    public const int Size = 2048;
    public const int Bins = Size / 2 + 1;

    private readonly float[] _window = new float[Size];
    private readonly float[] _cos = new float[Size / 2];
    private readonly float[] _sin = new float[Size / 2];
    private readonly int[] _reversed = new int[Size];
    private readonly float[] _real = new float[Size];
    private readonly float[] _imaginary = new float[Size];

    public PowerSpectrum()
    {
        int bits = int.Log2(Size);
        for (int i = 0; i < Size; i++)
        {
            _window[i] = (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * i / Size));
            for (int bit = 0; bit < bits; bit++)
                _reversed[i] |= ((i >> bit) & 1) << (bits - 1 - bit);
        }

        for (int i = 0; i < Size / 2; i++)
            (_cos[i], _sin[i]) = ((float)Math.Cos(2 * Math.PI * i / Size), (float)-Math.Sin(2 * Math.PI * i / Size));
    }

    /// <summary>Writes the power of each bin.</summary>
    public void Transform(ReadOnlySpan<float> frame, Span<float> power)
    {
        for (int i = 0; i < Size; i++)
            _real[_reversed[i]] = frame[i] * _window[i];
        Array.Clear(_imaginary);
        for (int half = 1; half < Size; half *= 2)
            Butterflies(half);
        for (int bin = 0; bin < Bins; bin++)
            power[bin] = _real[bin] * _real[bin] + _imaginary[bin] * _imaginary[bin];
    }

    private void Butterflies(int half)
    {
        int step = Size / (2 * half);
        for (int start = 0; start < Size; start += 2 * half)
        {
            for (int k = 0; k < half; k++)
            {
                int even = start + k, odd = even + half;
                float cos = _cos[k * step], sin = _sin[k * step];
                float real = _real[odd] * cos - _imaginary[odd] * sin;
                float imaginary = _real[odd] * sin + _imaginary[odd] * cos;
                (_real[odd], _imaginary[odd]) = (_real[even] - real, _imaginary[even] - imaginary);
                (_real[even], _imaginary[even]) = (_real[even] + real, _imaginary[even] + imaginary);
            }
        }
    }
}
