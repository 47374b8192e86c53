using System.Globalization;
using System.Text.Json;

namespace Essaim;

/// <summary>
/// What a node says of itself, <c>site=attic</c> or bare <c>gpu</c>, and the facts found on it, which count as labels too. Safe on all threads.
/// </summary>
internal sealed class NodeLabels
{
    private readonly Lock _gate = new();
    // Replaced as a whole: who reads needs no lock.
    private volatile Dictionary<string, string> _own = new(StringComparer.Ordinal);
    private volatile Dictionary<string, string> _all = new(StringComparer.Ordinal);
    private volatile SortedDictionary<string, Dictionary<string, object>> _environments = new(StringComparer.Ordinal);

    /// <param name="labels">Valid ones, see <see cref="Mistake"/>.</param>
    /// <param name="facts">What the machine is; a label of the same name is stronger.</param>
    public NodeLabels(IEnumerable<string> labels, MachineFacts facts)
    {
        Facts = facts;
        _all["arch"] = facts.Arch;
        _all["cores"] = facts.Cores.ToString(CultureInfo.InvariantCulture);
        foreach (string label in labels)
        {
            (string name, string value) = Split(label);
            _own[name] = _all[name] = value;
        }
    }

    public MachineFacts Facts { get; }

    /// <summary>What it was tried for, with how that went; by name, for JSON.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, object>> Environments => _environments;

    /// <summary>Takes what was found out.</summary>
    public void Add(NodeFinding finding)
    {
        if (finding.Environment is { } environment)
        {
            lock (_gate)
                _environments = new SortedDictionary<string, Dictionary<string, object>>(_environments, StringComparer.Ordinal) { [environment.Name] = environment.ToJson() };
        }

        if (finding.Label is { } label)
            Add(label);
    }

    /// <summary>What was found out later; one of the same name is replaced.</summary>
    public void Add(string label)
    {
        (string name, string value) = Split(label);
        lock (_gate)
        {
            _own = new Dictionary<string, string>(_own, StringComparer.Ordinal) { [name] = value };
            _all = new Dictionary<string, string>(_all, StringComparer.Ordinal) { [name] = value };
        }
    }

    /// <summary>For JSON: a bare label is true.</summary>
    public IReadOnlyDictionary<string, object> Own => _own.ToDictionary(label => label.Key, label => label.Value.Length == 0 ? (object)true : label.Value);

    /// <summary>As <see cref="Own"/>.</summary>
    public void WriteOwn(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach ((string name, string value) in _own)
        {
            if (value.Length == 0)
                json.WriteBoolean(name, true);
            else
                json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    /// <summary>True where every one is met: <c>name=value</c> by that value, <c>name</c> by any.</summary>
    public bool Meet(IEnumerable<string> requirements) => requirements.All(Meets);

    /// <summary>What is wrong with a label or a requirement; null where nothing is.</summary>
    public static string? Mistake(string label)
    {
        (string name, string value) = Split(label);
        bool right = name.Length > 0 && (label.Length == name.Length || value.Length > 0) && name.All(IsPlain) && value.All(IsPlain);
        return right ? null : $"'{label}' is no label: write NAME or NAME=VALUE, of letters, digits, dot, dash and underscore.";
    }

    internal static (string Name, string Value) Split(string label)
    {
        int equals = label.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (label, "") : (label[..equals], label[(equals + 1)..]);
    }

    private bool Meets(string requirement)
    {
        (string name, string value) = Split(requirement);
        return _all.TryGetValue(name, out string? mine) && (value.Length == 0 || mine == value);
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
}
