using System.Diagnostics.Metrics;
using System.Globalization;

namespace Essaim.Tests.Workers;

/// <summary>Hears what one worker tells <see cref="System.Diagnostics.Metrics"/>.</summary>
internal sealed class MetricsListener : IDisposable
{
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, (double Sum, int Count)> _heard = new(StringComparer.Ordinal);

    public MetricsListener(string worker)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter is { Name: "Essaim.Worker", Tags: { } tags } && tags.Any(tag => tag is { Key: "worker", Value: string name } && name == worker))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Sum and count by <c>name{tag=value,…}</c>, after a look at what is only read when asked.</summary>
    public IReadOnlyDictionary<string, (double Sum, int Count)> Read()
    {
        _listener.RecordObservableInstruments();
        lock (_gate)
            return new Dictionary<string, (double, int)>(_heard);
    }

    /// <summary>The counters, one a line.</summary>
    public string ReadCounts(params string[] names)
    {
        return string.Join('\n', Read().Where(pair => names.Contains(pair.Key.Split('{')[0]))
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value.Sum}")));
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
        string key = labels.Length > 0 ? $"{instrument.Name}{{{labels}}}" : instrument.Name;
        lock (_gate)
        {
            (double sum, int count) = _heard.GetValueOrDefault(key);
            _heard[key] = instrument.IsObservable ? (value, 1) : (sum + value, count + 1);
        }
    }
}
