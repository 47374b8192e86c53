namespace Essaim.Compare;

/// <summary>One thing measured, of one contender, once a round.</summary>
/// <param name="What">What was measured, such as <c>process, results kept</c>.</param>
/// <param name="Product">Of whom.</param>
/// <param name="RoundTrip">Milliseconds added to each round trip.</param>
/// <param name="Unit">Of the values.</param>
internal sealed record Figure(string What, string Product, double RoundTrip, string Unit)
{
    /// <summary>One value a round.</summary>
    public List<double> Rounds { get; } = [];

    /// <summary>More is better: a rate. Otherwise less is: a time, memory, a cost.</summary>
    public bool MoreIsBetter => Unit is "tasks/s" or "%";

    public double Median
    {
        get
        {
            double[] sorted = [.. Rounds.Order()];
            return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
        }
    }

    /// <summary>How many times as good this one is as the other.</summary>
    public double Over(Figure other) => MoreIsBetter ? Median / other.Median : other.Median / Median;
}
