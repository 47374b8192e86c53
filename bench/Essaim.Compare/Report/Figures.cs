using System.Diagnostics.CodeAnalysis;

namespace Essaim.Compare;

/// <summary>All that was measured, in the order of the first round.</summary>
internal sealed class Figures
{
    private readonly List<Figure> _all = [];

    public IReadOnlyList<Figure> All => _all;

    /// <summary>Remarks for below the table.</summary>
    public List<string> Notes { get; } = [];

    public void Add(string what, string product, double roundTrip, string unit, double value)
    {
        if (!TryFind(what, product, roundTrip, out Figure? figure))
            _all.Add(figure = new Figure(what, product, roundTrip, unit));
        figure.Rounds.Add(value);
        Progress($"{what}, {product}{(roundTrip > 0 ? $", +{roundTrip} ms" : "")}: {Numbers.Of(value)} {unit}");
    }

    public void Note(string text)
    {
        if (!Notes.Contains(text))
            Notes.Add(text);
        Progress(text);
    }

    public bool TryFind(string what, string product, double roundTrip, [NotNullWhen(true)] out Figure? figure)
    {
        figure = _all.FirstOrDefault(one => one.What == what && one.Product == product && one.RoundTrip.Equals(roundTrip));
        return figure is not null;
    }

    /// <summary>What goes on goes to standard error, so that a table or JSON stands alone on standard output.</summary>
    public static void Progress(string text) => Console.Error.WriteLine($"compare: {text}");
}
