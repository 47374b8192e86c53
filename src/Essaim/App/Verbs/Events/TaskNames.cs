using System.Text.Json;

namespace Essaim;

/// <summary>Names of tasks by their ids: of a task's events only <c>task-sent</c> and <c>task-received</c> say the name. For one thread.</summary>
internal sealed class TaskNames
{
    // A fleet that runs for days sends more ids than memory holds.
    private const int MostRemembered = 100_000;

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The name an event says or an earlier one said; null where none did.</summary>
    public string? Of(string id, JsonElement body)
    {
        if (JsonCell.Get(body, "name") is not { ValueKind: JsonValueKind.String } name)
            return _names.GetValueOrDefault(id);
        if (_names.Count >= MostRemembered)
            _names.Clear();
        return _names[id] = name.GetString()!;
    }
}
