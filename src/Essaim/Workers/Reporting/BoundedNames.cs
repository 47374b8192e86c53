using System.Collections.Concurrent;

namespace Essaim;

/// <summary>
/// Names as labels of a metric: the first so many as they are, all later ones as <c>other</c>, so that names somebody makes up cannot fill
/// the memory of those who watch. Safe on all threads.
/// </summary>
internal sealed class BoundedNames(int most = BoundedNames.Most)
{
    /// <summary>How many names are told apart.</summary>
    public const int Most = 200;

    /// <summary>What stands for all others.</summary>
    public const string Other = "other";

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private volatile bool _full;

    /// <summary>The name, or <see cref="Other"/>.</summary>
    public string Of(string name)
    {
        if (_known.ContainsKey(name))
            return name;
        if (_full || name.Length == 0)
            return Other;
        lock (_gate)
        {
            if (_known.ContainsKey(name))
                return name;
            if (_full)
                return Other;
            _known[name] = true;
            _full = _known.Count >= most;
            return name;
        }
    }
}
