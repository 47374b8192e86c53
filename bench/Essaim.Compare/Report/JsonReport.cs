using System.Text.Encodings.Web;
using System.Text.Json;

namespace Essaim.Compare;

/// <summary>The same as the table, for programs.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(Figures figures) => JsonSerializer.Serialize(
        new
        {
            Figures = figures.All.Select(figure => new
            {
                Measurement = figure.What,
                Contender = figure.Product,
                AddedRoundTripMs = figure.RoundTrip,
                figure.Median,
                figure.Unit,
                figure.Rounds,
                EssaimIsTimes = figure.Product != Contenders.Reference && figures.TryFind(figure.What, Contenders.Reference, figure.RoundTrip, out Figure? ours)
                    ? ours.Over(figure)
                    : (double?)null,
                LossByRoundTrip = figure.RoundTrip > 0 && figures.TryFind(figure.What, figure.Product, 0, out Figure? near) ? near.Over(figure) : (double?)null,
                Bar = Bars.Of(figure, figures) is { Length: > 0 } bar ? bar : null,
            }),
            figures.Notes,
        },
        Options);
}
