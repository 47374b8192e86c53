using Prometheus;

namespace Essaim.Server;

/// <summary>Makes the series of a metric be exactly those of a list of things.</summary>
internal static class Series
{
    /// <summary>Sets one series for each thing that has a value, and removes all others.</summary>
    public static void Show<TThing>(this Gauge gauge, IReadOnlyList<TThing> things, Func<TThing, string> label, Func<TThing, double?> value)
    {
        HashSet<string> shown = new(StringComparer.Ordinal);
        foreach (TThing thing in things)
        {
            if (value(thing) is not { } number || !shown.Add(label(thing)))
                continue;
            gauge.WithLabels(label(thing)).Set(number);
        }

        Remove(gauge.GetAllLabelValues(), shown, gauge.RemoveLabelled);
    }

    /// <summary>The same for a count that others keep; one that fell begins anew, as Prometheus expects of a program that was restarted.</summary>
    public static void Show<TThing>(this Counter counter, IReadOnlyList<TThing> things, Func<TThing, string> label, Func<TThing, double?> value)
    {
        HashSet<string> shown = new(StringComparer.Ordinal);
        foreach (TThing thing in things)
        {
            if (value(thing) is not { } number || !shown.Add(label(thing)))
                continue;
            if (counter.WithLabels(label(thing)).Value > number)
                counter.RemoveLabelled(label(thing));
            counter.WithLabels(label(thing)).IncTo(number);
        }

        Remove(counter.GetAllLabelValues(), shown, counter.RemoveLabelled);
    }

    private static void Remove(IEnumerable<string[]> all, HashSet<string> shown, Action<string[]> remove)
    {
        foreach (string[] labels in all.Where(labels => !shown.Contains(labels[0])).ToArray())
            remove(labels);
    }
}
