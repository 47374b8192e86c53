using System.Globalization;

namespace Essaim.Sandbox;

/// <summary>How many warm sandboxes there should be: <c>auto</c>, <c>off</c>, or numbers by environment such as <c>python-sci=2,python=1</c>.</summary>
/// <param name="Numbers">Kept always, by environment; null: as many as are used, within what the machine has.</param>
internal sealed record WarmPlan(IReadOnlyDictionary<string, int>? Numbers)
{
    /// <summary>Where a worker's children, and programs without the option, read it.</summary>
    public const string Variable = "ESSAIM_WARM";

    /// <summary>What can be said, for messages.</summary>
    public const string Advice = "Give auto, off, or numbers up to 64 by environment, such as python-sci=2,python=1.";

    private const int Most = 64;
    private const long Gibibyte = 1L << 30;

    // What is there beyond this share of the machine's memory may be used for waiting.
    private const int ShareLeft = 6;
    private const long LeastLeft = 256 << 20;

    public static WarmPlan Auto { get; } = new((IReadOnlyDictionary<string, int>?)null);

    public static WarmPlan Off { get; } = new(new Dictionary<string, int>());

    /// <summary>Nothing is kept.</summary>
    public bool IsOff => Numbers is { } numbers && numbers.Values.All(number => number == 0);

    /// <summary>Null where the text is none.</summary>
    public static WarmPlan? TryParse(string text)
    {
        if (text is "auto")
            return Auto;
        if (text is "off")
            return Off;
        Dictionary<string, int> numbers = [];
        foreach (string[] pair in text.Split(',').Select(part => part.Split('=')))
        {
            if (pair.Length != 2 || !WarmEnvironment.All.Any(known => known.Name == pair[0])
                || !int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > Most || !numbers.TryAdd(pair[0], number))
                return null;
        }

        return new WarmPlan(numbers);
    }

    /// <summary>As the environment variable says; auto where it says nothing that reads.</summary>
    public static WarmPlan FromEnvironment() => TryParse(Environment.GetEnvironmentVariable(Variable) ?? "") ?? Auto;

    /// <summary>As it is written.</summary>
    public override string ToString() => Numbers is not { } numbers ? "auto" : numbers.Count == 0 ? "off" : string.Join(',', numbers.Select(number => $"{number.Key}={number.Value.ToString(CultureInfo.InvariantCulture)}"));

    /// <summary>How many should wait.</summary>
    /// <param name="environment">Of which.</param>
    /// <param name="together">How many runs came at once lately.</param>
    /// <param name="total">The machine's memory, in bytes.</param>
    /// <param name="processors">Its processors.</param>
    public int Wanted(WarmEnvironment environment, int together, long total, int processors) =>
        Numbers is { } numbers ? numbers.GetValueOrDefault(environment.Name) : Math.Min(together, MostBySize(total, processors));

    /// <summary>Memory is there for one more.</summary>
    public static bool HasRoom(long total, long available) => available > Math.Max(total / ShareLeft, LeastLeft);

    // A board's "4 GiB" is a little less, for the kernel keeps some.
    internal static int MostBySize(long total, int processors) => total switch
    {
        < 2 * Gibibyte - (Gibibyte / 4) => 0,
        < 3 * Gibibyte => 1,
        < 6 * Gibibyte => 2,
        _ => Math.Clamp(processors, 2, 8),
    };
}
