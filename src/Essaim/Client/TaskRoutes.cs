using System.IO.Enumeration;

namespace Essaim;

/// <summary>
/// Which queue a task goes to, by its name. The exact name is stronger than a pattern; patterns are tried in the order added.
/// Safe on all threads once filled.
/// </summary>
public sealed class TaskRoutes
{
    private readonly Dictionary<string, string> _exact = new(StringComparer.Ordinal);
    private readonly List<(string Pattern, string Queue)> _patterns = [];

    /// <summary>Adds a rule; a later one for the same name replaces the earlier.</summary>
    /// <param name="pattern">A task name, or a pattern with <c>*</c> (any characters) and <c>?</c> (one).</param>
    /// <param name="queue">The queue.</param>
    public TaskRoutes Add(string pattern, string queue)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentException.ThrowIfNullOrEmpty(queue);
        if (pattern.AsSpan().ContainsAny('*', '?'))
            _patterns.Add((pattern, queue));
        else
            _exact[pattern] = queue;
        return this;
    }

    /// <summary>The queue for a task, or null where no rule fits.</summary>
    public string? Find(string taskName)
    {
        if (_exact.TryGetValue(taskName, out string? queue))
            return queue;
        foreach ((string pattern, string candidate) in _patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, taskName, ignoreCase: false))
                return candidate;
        }

        return null;
    }
}
