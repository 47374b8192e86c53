using System.Globalization;
using System.Text;

namespace Essaim.Compare;

/// <summary>One table of all figures, with the ratios and the bars.</summary>
internal static class TextReport
{
    private static readonly string[] Head = ["measurement", "contender", "median", "unit", "rounds", "essaim is", "bar"];

    public static string Write(Figures figures)
    {
        List<string[]> rows = [Head];
        string last = "";
        foreach (IGrouping<(string What, double RoundTrip), Figure> group in figures.All.GroupBy(figure => (figure.What, figure.RoundTrip)))
        {
            foreach (Figure figure in group)
            {
                string what = group.Key.RoundTrip > 0 ? $"{group.Key.What} (+{group.Key.RoundTrip} ms)" : group.Key.What;
                rows.Add([what == last ? "" : what, figure.Product, Numbers.Of(figure.Median), figure.Unit, Rounds(figure), Ratio(figure, figures), Bars.Of(figure, figures)]);
                last = what;
            }
        }

        int[] widths = [.. Enumerable.Range(0, Head.Length).Select(column => rows.Max(row => row[column].Length))];
        StringBuilder text = new();
        foreach (string[] row in rows)
        {
            string line = string.Join("  ", row.Select((cell, column) => column == 2 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])));
            text.AppendLine(line.TrimEnd());
        }

        foreach (string note in figures.Notes)
            text.AppendLine().Append(note);
        return text.ToString();
    }

    private static string Rounds(Figure figure) => figure.Rounds.Count == 1 ? "" : string.Join("; ", figure.Rounds.Select(Numbers.Of));

    private static string Ratio(Figure figure, Figures figures)
    {
        List<string> parts = [];
        if (figure.Product != Contenders.Reference && figures.TryFind(figure.What, Contenders.Reference, figure.RoundTrip, out Figure? ours))
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Numbers.Of(ours.Over(figure))}×"));
        if (figure.RoundTrip > 0 && figures.TryFind(figure.What, figure.Product, 0, out Figure? near))
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"(near: {Numbers.Of(near.Over(figure))}× as good)"));
        return string.Join(' ', parts);
    }
}
