using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace Essaim;

/// <summary>
/// Which queue a task goes to, by its name. The exact name is stronger than a pattern; patterns and expressions are tried in the order added.
/// Safe on all threads once filled.
/// </summary>
public sealed class TaskRoutes
{
    private readonly Dictionary<string, string> _exact = new(StringComparer.Ordinal);
    private readonly List<(Func<string, bool> Fits, string Queue)> _patterns = [];

    /// <summary>Adds a rule; a later one for the same name replaces the earlier.</summary>
    /// <param name="pattern">A task name, or a pattern with <c>*</c> (any characters) and <c>?</c> (one).</param>
    /// <param name="queue">The queue.</param>
    public TaskRoutes Add(string pattern, string queue)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentException.ThrowIfNullOrEmpty(queue);
        if (pattern.AsSpan().ContainsAny('*', '?'))
            _patterns.Add((name => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false), queue));
        else
            _exact[pattern] = queue;
        return this;
    }

    /// <summary>Adds a rule by regular expression; it must match the task's name from its start, as in Celery's <c>task_routes</c>.</summary>
    /// <param name="pattern">The expression; one that takes longer than 100 ms does not match.</param>
    /// <param name="queue">The queue.</param>
    public TaskRoutes Add(Regex pattern, string queue)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentException.ThrowIfNullOrEmpty(queue);
        Regex bounded = new($"^(?:{pattern})", pattern.Options, TimeSpan.FromMilliseconds(100));
        _patterns.Add((name => Matches(bounded, name), queue));
        return this;
    }

    /// <summary>The queue for a task, or null where no rule fits.</summary>
    public string? Find(string taskName)
    {
        if (_exact.TryGetValue(taskName, out string? queue))
            return queue;
        foreach ((Func<string, bool> fits, string candidate) in _patterns)
        {
            if (fits(taskName))
                return candidate;
        }

        return null;
    }

    private static bool Matches(Regex pattern, string taskName)
    {
        try
        {
            return pattern.IsMatch(taskName);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
