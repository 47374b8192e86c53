using System.Text;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Where a configuration comes from: a file, or a program. Checked; without a mistake.</summary>
internal sealed class ConfigSource
{
    /// <summary>Looked for in the current folder.</summary>
    public const string DefaultFile = "essaim.queues.yaml";

    private const int MostBytes = 4 << 20;

    private ConfigSource(string origin, string? environment, FleetConfiguration configuration) => (Origin, Environment, Configuration) = (origin, environment, configuration);

    /// <summary>The file's path, or the program's name.</summary>
    public string Origin { get; }

    /// <summary>The environment laid over it; null: none.</summary>
    public string? Environment { get; }

    /// <summary>What it says.</summary>
    public FleetConfiguration Configuration { get; }

    /// <summary>The document it publishes.</summary>
    public ConfigDocument Document => Configuration.Document;

    /// <summary>Reads a file.</summary>
    /// <param name="path">YAML, or JSON where it ends in <c>.json</c>.</param>
    /// <param name="environment">Which of its environments to lay over it; null: none.</param>
    /// <exception cref="ConfigException"><c>ESS1301</c>: it has mistakes, all of which are listed; <c>ESS1303</c>: it cannot be read.</exception>
    public static ConfigSource Load(string path, string? environment)
    {
        ConfigReport report = new(path);
        FleetConfiguration? read = ReadRoot(path, report) is { } root ? Check(root, environment, report) : null;
        return report.Mistakes.Count == 0 && read is not null ? new ConfigSource(path, environment, read) : throw new ConfigException("ESS1301", path, report.Mistakes);
    }

    /// <summary>Checks a file with each of its environments, and without one.</summary>
    /// <returns>The environments it has.</returns>
    /// <exception cref="ConfigException">As <see cref="Load"/>.</exception>
    public static IReadOnlyList<string> CheckAll(string path)
    {
        ConfigReport report = new(path);
        IReadOnlyList<string> environments = [];
        if (ReadRoot(path, report) is { } root)
        {
            Check(root, null, report);
            environments = EnvironmentsOf(root);
            foreach (string environment in environments)
                Check(root, environment, report);
        }

        return report.Mistakes.Count == 0 ? environments : throw new ConfigException("ESS1301", path, report.Mistakes);
    }

    /// <summary>A source written in JSON that came in a request.</summary>
    /// <exception cref="ConfigException"><c>ESS1301</c>: it has mistakes.</exception>
    public static ConfigSource Parse(ReadOnlySpan<byte> json, string origin)
    {
        ConfigReport report = new(null);
        FleetConfiguration? read = JsonNodes.Parse(json, report) is { } root ? Check(root, null, report) : null;
        return report.Mistakes.Count == 0 && read is not null ? new ConfigSource(origin, null, read) : throw new ConfigException("ESS1301", "The configuration", report.Mistakes);
    }

    /// <summary>A source written in C#.</summary>
    /// <exception cref="ConfigException"><c>ESS1301</c>: it has mistakes.</exception>
    public static ConfigSource Of(string origin, long revision, IEnumerable<QueueDefinition> queues, IReadOnlyDictionary<string, string> routes, IReadOnlyDictionary<string, object?> settings)
    {
        ConfigReport report = new(null);
        ConfigDocument document = new(
            queues.ToDictionary(queue => queue.Name, QueueJson.Write, StringComparer.Ordinal),
            routes.ToDictionary(route => route.Key, route => RawJson.From(new Dictionary<string, string> { ["queue"] = route.Value }), StringComparer.Ordinal),
            settings.ToDictionary(setting => setting.Key, setting => RawJson.From(setting.Value, setting.Value?.GetType() ?? typeof(object)), StringComparer.Ordinal),
            "")
        { Revision = revision };
        FleetConfiguration read = ConfigChecker.CheckPublished(document, report);
        return report.Mistakes.Count == 0 ? new ConfigSource(origin, null, read) : throw new ConfigException("ESS1301", $"The configuration of {origin}", report.Mistakes);
    }

    private static FleetConfiguration? Check(ConfigNode root, string? environment, ConfigReport report)
    {
        if (environment is null)
            return ConfigChecker.CheckSource(root, report);
        ConfigNode? all = root.Kind == ConfigNodeKind.Map ? root.Find("environments") : null;
        if (all?.Find(environment) is not { } over)
        {
            string known = string.Join(", ", EnvironmentsOf(root));
            report.Add(all ?? root, "environments", $"There is no environment '{environment}'.", known.Length > 0 ? $"There are {known}." : "Write it under environments:, or choose none.");
            return null;
        }

        if (over.Kind is not (ConfigNodeKind.Map or ConfigNodeKind.Null))
        {
            report.Add(over, $"environments.{environment}", "It is no mapping.", "Write queues:, routes: or base: with what differs.");
            return null;
        }

        foreach ((ConfigNode name, _) in over.Entries.Where(entry => entry.Name.Text is not ("queues" or "routes" or "base")))
            report.AddUnknown(name, $"environments.{environment}.{name.Text}", "part of an environment", ["queues", "routes", "base"]);
        return ConfigChecker.CheckSource(over.Kind == ConfigNodeKind.Null ? root : root.Under(over), report);
    }

    private static IReadOnlyList<string> EnvironmentsOf(ConfigNode root) =>
        root.Kind == ConfigNodeKind.Map ? [.. (root.Find("environments")?.Entries ?? []).Select(entry => entry.Name.Text)] : [];

    private static ConfigNode? ReadRoot(string path, ConfigReport report)
    {
        byte[] bytes;
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > MostBytes)
                throw new ConfigException("ESS1303", $"The configuration '{path}' has {file.Length} bytes; at most {MostBytes} are read. Is it the right file?");
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException("ESS1303", $"The configuration '{path}' cannot be read: {error.Message} Check the path and who may read it.", error);
        }

        return Parse(path, bytes, report);
    }

    internal static ConfigNode? Parse(string path, ReadOnlySpan<byte> bytes, ConfigReport report)
    {
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return JsonNodes.Parse(bytes, report, hasLines: true);
        try
        {
            return YamlNodes.Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), report);
        }
        catch (DecoderFallbackException)
        {
            report.Add(ConfigNode.Null, "", "The file is not UTF-8.", "Save it as UTF-8.");
            return null;
        }
    }
}
