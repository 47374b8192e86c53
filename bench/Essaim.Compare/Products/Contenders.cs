namespace Essaim.Compare;

/// <summary>All contenders, by name.</summary>
internal static class Contenders
{
    /// <summary>The one the others are compared with.</summary>
    public const string Reference = "essaim";

    public static IReadOnlyList<IProduct> All { get; } =
    [
        new EssaimProduct(Reference, "processes", events: true, expectedRate: 60_000),
        new EssaimProduct("essaim-noevents", "processes", events: false, expectedRate: 80_000),
        new EssaimProduct("essaim-threads", "threads", events: true, expectedRate: 80_000),
        new EssaimProduct("essaim-threads-noevents", "threads", events: false, expectedRate: 100_000),
        new CeleryProduct("celery-prefork", "prefork"),
        new CeleryProduct("celery-threads", "threads"),
        new BullMqProduct(),
    ];

    /// <summary>The contenders with these names; <c>celery</c>, a family's name and no contender's, stands for all of the family.</summary>
    public static IReadOnlyList<IProduct> Find(IReadOnlyList<string> names)
    {
        string? unknown = names.FirstOrDefault(name => All.All(product => product.Name != name && product.Family != name));
        if (unknown is not null)
            throw new UsageException($"No contender is called {unknown}. There are: {string.Join(", ", All.Select(product => product.Name))}.");
        HashSet<string> families = [.. names.Where(name => All.All(product => product.Name != name))];
        return [.. All.Where(product => names.Contains(product.Name) || families.Contains(product.Family))];
    }

    /// <summary>One contender of each family: they send tasks alike.</summary>
    public static IReadOnlyList<IProduct> OnePerFamily(IReadOnlyList<IProduct> products) => [.. products.DistinctBy(product => product.Family)];
}
