using System.Diagnostics.CodeAnalysis;

namespace Essaim;

/// <summary>The tasks this program can run, by name. Built once at start; immutable; safe on all threads.</summary>
public sealed class TaskRegistry
{
    private readonly Dictionary<string, TaskDefinition> _definitions;

    internal TaskRegistry(Dictionary<string, TaskDefinition> definitions) => _definitions = definitions;

    /// <summary>All tasks, built-in ones (<c>celery.*</c>) included.</summary>
    public IReadOnlyCollection<TaskDefinition> Definitions => _definitions.Values;

    /// <summary>Finds a task by its wire name.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out TaskDefinition definition) => _definitions.TryGetValue(name, out definition);
}
