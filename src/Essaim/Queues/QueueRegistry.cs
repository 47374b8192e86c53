namespace Essaim;

/// <summary>
/// The queues and their characters: what the fleet's configuration says, else what this program has defined; a queue that is among neither has
/// the defaults. Safe on all threads.
/// </summary>
public sealed class QueueRegistry
{
    private readonly Dictionary<string, QueueDefinition> _definitions = new(StringComparer.Ordinal);
    private readonly LiveConfiguration? _live;

    /// <summary>A registry.</summary>
    /// <param name="definitions">The program's own definitions, each of another queue.</param>
    /// <param name="live">The fleet's configuration, which goes before; null: none.</param>
    /// <exception cref="ArgumentException">Two define the same queue.</exception>
    public QueueRegistry(IEnumerable<QueueDefinition> definitions, LiveConfiguration? live = null)
    {
        _live = live;
        foreach (QueueDefinition definition in definitions)
        {
            if (!_definitions.TryAdd(definition.Name, definition))
                throw new ArgumentException($"The queue '{definition.Name}' is defined twice. Define each queue once.", nameof(definitions));
        }

        Definitions = [.. _definitions.Values];
    }

    /// <summary>The program's own, in the order they were defined.</summary>
    public IReadOnlyList<QueueDefinition> Definitions { get; }

    /// <summary>Differs whenever a queue may have another definition than before.</summary>
    internal int Generation => _live?.Generation ?? 0;

    /// <summary>The definition of a queue, or of the one it is derived from; null where it has none.</summary>
    public QueueDefinition? Find(string queue) =>
        _live?.Current.FindQueue(queue) is { } published ? published
        : _definitions.Count == 0 ? null
        : _definitions.TryGetValue(queue, out QueueDefinition? own) ? own
        : _definitions.GetValueOrDefault(QueueNames.BaseOf(queue));
}
