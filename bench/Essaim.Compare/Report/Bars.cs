namespace Essaim.Compare;

/// <summary>What Essaim means to reach. They are printed beside the figures and decide nothing.</summary>
internal static class Bars
{
    private const string Reference = Contenders.Reference;

    /// <summary>How many times as good as another contender.</summary>
    private static readonly (string What, string Product, double AtLeast)[] Ratios =
    [
        (What.Process(keep: true), "celery-prefork", 100),
        (What.Process(keep: true), "bullmq", 10),
        (What.Bulk, "bullmq", 10),
        (What.Enqueue(8), "celery", 20),
    ];

    /// <summary>Figures of Essaim itself that have a limit.</summary>
    private static readonly (string What, double Limit)[] Limits =
    [
        (What.ReplayShare, 50),
        (What.IdleP50, 0.7),
        (What.IdleP99, 5),
        (What.DepthCost, 1.2),
    ];

    /// <summary>Throughput at 2 ms a round trip may be this many times less.</summary>
    private const double LossLimit = 2;

    public static string Of(Figure figure, Figures figures)
    {
        foreach ((string what, string product, double atLeast) in Ratios)
        {
            if (figure.What == what && figure.Product == product && figure.RoundTrip == 0 && figures.TryFind(what, Reference, 0, out Figure? ours))
                return $"≥ {atLeast}×: {Verdict(ours.Over(figure) >= atLeast)}";
        }

        if (figure.Product != Reference)
            return "";
        if (figure.RoundTrip > 0 && figure.What == What.Process(keep: true))
            return figures.TryFind(figure.What, Reference, 0, out Figure? near) ? $"< {LossLimit}× loss: {Verdict(near.Over(figure) < LossLimit)}" : "";
        (string What, double Limit) limit = Limits.FirstOrDefault(limit => limit.What == figure.What);
        if (limit.What is null || figure.RoundTrip > 0)
            return "";
        return figure.MoreIsBetter
            ? $"≥ {limit.Limit} {figure.Unit}: {Verdict(figure.Median >= limit.Limit)}"
            : $"≤ {limit.Limit} {figure.Unit}: {Verdict(figure.Median <= limit.Limit)}";
    }

    private static string Verdict(bool reached) => reached ? "reached" : "missed";
}
