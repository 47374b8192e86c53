using System.Globalization;

namespace Essaim.Redis;

/// <summary>How a worker learns of messages that foreign producers push.</summary>
internal enum WakeMode
{
    /// <summary>Redis tracks the lists (CLIENT TRACKING), where it may be asked to; else as <see cref="Poll"/>.</summary>
    Track,

    /// <summary>Looks about eleven times a second.</summary>
    Poll,

    /// <summary>Keyspace notifications, where the server sends them; else as <see cref="Track"/>.</summary>
    Keyspace,
}

/// <summary>What the query of a broker URL says beyond how to connect.</summary>
internal sealed record RedisSettings
{
    /// <summary><c>global_keyprefix</c>, as in kombu's transport options.</summary>
    public string GlobalPrefix { get; init; } = "";

    /// <summary><c>prefix</c>: of our own keys.</summary>
    public string OwnPrefix { get; init; } = "";

    /// <summary><c>result_keyprefix</c>: what stands before <c>celery-task-meta-</c>.</summary>
    public string ResultPrefix { get; init; } = "";

    /// <summary><c>priority_steps</c>, ascending; default 0, 3, 6, 9.</summary>
    public IReadOnlyList<int> PrioritySteps { get; init; } = [0, 3, 6, 9];

    /// <summary><c>visibility_timeout</c>: after how long Celery's restore sweep takes a message from a Python worker. Default 3,600 s; zero: no sweep.</summary>
    public TimeSpan VisibilityTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary><c>wake</c>: <c>track</c> (default), <c>poll</c> or <c>keyspace</c>.</summary>
    public WakeMode Wake { get; init; }

    /// <summary><c>eta=queue</c>: messages with an ETA go to their queue as Celery sends them, for Python workers to hold.</summary>
    public bool EtaInQueue { get; init; }

    /// <summary><c>max_message_bytes</c>: largest envelope or result. Default 16 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary><c>config_prefix</c>: of the published configuration. Default <c>celery_config</c>.</summary>
    public string ConfigPrefix { get; init; } = "celery_config";

    /// <summary>The step a priority belongs to: the greatest that is not above it.</summary>
    public int StepOf(int priority)
    {
        int found = PrioritySteps[0];
        foreach (int step in PrioritySteps)
            found = step <= priority ? step : found;
        return found;
    }

    /// <exception cref="BackendException"><c>ESS2130</c>: an option is not what it must be; all mistakes are told.</exception>
    public static RedisSettings From(IReadOnlyDictionary<string, string> options, string displayUrl)
    {
        List<string> mistakes = [];
        RedisSettings settings = new()
        {
            GlobalPrefix = options.GetValueOrDefault("global_keyprefix", ""),
            OwnPrefix = options.GetValueOrDefault("prefix", ""),
            ResultPrefix = options.GetValueOrDefault("result_keyprefix", ""),
            ConfigPrefix = options.GetValueOrDefault("config_prefix", "celery_config"),
            PrioritySteps = Steps(),
            VisibilityTimeout = TimeSpan.FromSeconds(Number("visibility_timeout", 3600, "seconds, 0 for no sweep")),
            MaxMessageBytes = (int)Math.Min(int.MaxValue, Number("max_message_bytes", 16 * 1024 * 1024, "bytes")),
            Wake = (WakeMode)Word("wake", "track", "poll", "keyspace"),
            EtaInQueue = Word("eta", "delayed", "queue") == 1,
        };
        if (mistakes.Count == 0)
            return settings;
        throw new BackendException("ESS2130", $"The broker URL {displayUrl} has options that cannot be used: {string.Join("; ", mistakes)}. Correct them.");

        long Number(string name, long fallback, string unit)
        {
            if (!options.TryGetValue(name, out string? text))
                return fallback;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is >= 0 and < int.MaxValue)
                return (long)number;
            mistakes.Add($"{name}={text} is not a number of {unit}");
            return fallback;
        }

        // The place of the word among those it may be; the first is the default.
        int Word(string name, params string[] words)
        {
            string text = options.GetValueOrDefault(name, words[0]);
            int place = Array.IndexOf(words, text);
            if (place < 0)
                mistakes.Add(words is [var first, var second] ? $"{name}={text} is neither {first} nor {second}" : $"{name}={text} is none of {string.Join(", ", words)}");
            return Math.Max(0, place);
        }

        IReadOnlyList<int> Steps()
        {
            if (!options.TryGetValue("priority_steps", out string? text))
                return [0, 3, 6, 9];
            int[] steps = [.. text.Split(',').Select(step => int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
            if (steps is [0, ..] && steps.Zip(steps.Skip(1)).All(pair => pair.First < pair.Second) && steps[^1] <= 9)
                return steps;
            mistakes.Add($"priority_steps={text} is not a rising list that begins with 0, such as 0,3,6,9");
            return [0, 3, 6, 9];
        }
    }
}
