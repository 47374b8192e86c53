using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Essaim.Edge;

/// <summary>What the core may set of a slot.</summary>
internal sealed record SlotConfig
{
    private const int LongestLabel = 64;

    /// <summary>Shown on its page instead of its id; at most 64 letters.</summary>
    public string? Label { get; init; }

    /// <summary><c>en</c> or <c>fr</c>.</summary>
    public string? Language { get; init; }

    /// <summary>Everything that is wrong with a configuration, or null.</summary>
    public static string? TryRead(JsonElement json, out SlotConfig config)
    {
        config = new SlotConfig();
        try
        {
            config = json.Deserialize(EdgeJson.Default.SlotConfig) ?? config;
        }
        catch (JsonException error)
        {
            return error.Message;
        }

        List<string> wrong = [];
        if (config.Label?.Length > LongestLabel)
            wrong.Add($"label has {config.Label.Length} letters, at most {LongestLabel} are shown");
        if (config.Language is not (null or "en" or "fr"))
            wrong.Add($"language '{config.Language}' is neither en nor fr");
        return wrong.Count == 0 ? null : string.Join("; ", wrong);
    }
}

/// <summary>The configuration in force, as kept on the disk.</summary>
internal sealed record StoredConfig([property: JsonPropertyName("version")] int Number, SlotConfig Config);

/// <summary>The small files of a slot, each replaced as a whole.</summary>
internal sealed class SlotFiles(string folder, IJournalDisk disk)
{
    public string Journal => Path.Combine(folder, "votes.journal");

    private string Config => Path.Combine(folder, "config.json");

    private string Commands => Path.Combine(folder, "commands");

    /// <summary>The configuration in force; version 0 where there is none, or none that can be read: the core sends it again.</summary>
    public StoredConfig ReadConfig()
    {
        try
        {
            return disk.Read(Config) is { } bytes && JsonSerializer.Deserialize(bytes, EdgeJson.Default.StoredConfig) is { } stored ? stored : new StoredConfig(0, new SlotConfig());
        }
        catch (JsonException)
        {
            return new StoredConfig(0, new SlotConfig());
        }
    }

    public void WriteConfig(StoredConfig config) => disk.Replace(Config, JsonSerializer.SerializeToUtf8Bytes(config, EdgeJson.Default.StoredConfig));

    public IReadOnlyList<string> ReadCommands() =>
        disk.Read(Commands) is { } bytes ? Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    public void WriteCommands(IReadOnlyList<string> ids) => disk.Replace(Commands, Encoding.UTF8.GetBytes(string.Join('\n', ids) + '\n'));
}
