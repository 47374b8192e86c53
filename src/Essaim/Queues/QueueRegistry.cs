namespace Essaim;

/// <summary>The queues this program has defined; a queue that is not among them has the defaults. Immutable; safe on all threads.</summary>
public sealed class QueueRegistry
{
    private readonly Dictionary<string, QueueDefinition> _definitions = new(StringComparer.Ordinal);

    /// <summary>A registry.</summary>
    /// <param name="definitions">The definitions, each of another queue.</param>
    /// <exception cref="ArgumentException">Two define the same queue.</exception>
    public QueueRegistry(IEnumerable<QueueDefinition> definitions)
    {
        foreach (QueueDefinition definition in definitions)
        {
            if (!_definitions.TryAdd(definition.Name, definition))
                throw new ArgumentException($"The queue '{definition.Name}' is defined twice. Define each queue once.", nameof(definitions));
        }

        Definitions = [.. _definitions.Values];
    }

    /// <summary>In the order they were defined.</summary>
    public IReadOnlyList<QueueDefinition> Definitions { get; }

    /// <summary>The definition of a queue, or of the one it is derived from; null where it has none.</summary>
    public QueueDefinition? Find(string queue) =>
        _definitions.Count == 0 ? null
        : _definitions.TryGetValue(queue, out QueueDefinition? own) ? own
        : _definitions.GetValueOrDefault(QueueNames.BaseOf(queue));
}
