using System.Text.Json;

namespace Essaim;

/// <summary>The last good configuration, in a file of its own, for starts without a broker.</summary>
internal sealed class ConfigCopy(string path)
{
    public string Path => path;

    /// <summary>The copy; null where there is none, or none that can be used.</summary>
    public FleetConfiguration? Read()
    {
        try
        {
            byte[] json = File.ReadAllBytes(path);
            ConfigDocument document = ConfigDocumentJson.Read(json, $"The copy {path}");
            using JsonDocument fields = JsonDocument.Parse(json);
            string version = fields.RootElement.GetProperty("version").GetString() ?? "";
            string hash = fields.RootElement.GetProperty("hash").GetString() ?? "";
            return FleetConfiguration.Read(new ConfigSnapshot(version, ConfigVersion.InstantOf(version), document) { DeclaredHash = hash });
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or ConfigException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Replaces the copy in one step.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void Write(FleetConfiguration configuration)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("version"u8, configuration.Version);
            json.WriteString("hash"u8, configuration.Hash);
            ConfigDocumentJson.WriteTo(json, configuration.Document);
            json.WriteEndObject();
        }

        string beside = path + ".new";
        using (FileStream file = new(beside, FileMode.Create, FileAccess.Write))
        {
            file.Write(stream.GetBuffer(), 0, (int)stream.Length);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
