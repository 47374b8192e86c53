using System.Text.Json;

namespace Essaim;

/// <summary>Which events are shown. One thread uses it: it remembers the names of tasks, because only the first event of a task says it.</summary>
/// <param name="types">Types, or beginnings of types that end with <c>-</c>; none: all.</param>
/// <param name="task">Name or id of a task, or null.</param>
internal sealed class EventFilter(IReadOnlyList<string> types, string? task)
{
    private readonly TaskNames _names = new();

    public bool Lets(EventRecord record) => LetsTask(record) && LetsType(record.Type);

    private bool LetsType(string type) => types.Count == 0 || types.Any(wanted => wanted.EndsWith('-') ? type.StartsWith(wanted, StringComparison.Ordinal) : type == wanted);

    private bool LetsTask(EventRecord record)
    {
        if (task is null)
            return true;
        if (record.TaskId is not { } id)
            return false;
        return _names.Of(id, record.Body.Deserialize<JsonElement>()) == task || id == task;
    }
}
