using System.Globalization;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Published configurations, the last hundred of them.</summary>
internal static class ConfigRows
{
    private const int Kept = 100;

    public static ConfigSnapshot? Publish(WriteStep step, ConfigDocument document, string? expectedVersion)
    {
        long current = ReadLastVersion(step.Db);
        string? currentVersion = current == 0 ? null : current.ToString(CultureInfo.InvariantCulture);
        if (currentVersion != expectedVersion)
            return null;
        step.Db.Use("INSERT INTO configurations (version, published_at, author, queues, routes, base) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .Add(current + 1)
            .Add(step.Now.UtcTicks)
            .Add(document.Author)
            .Add(Write(document.Queues))
            .Add(Write(document.Routes))
            .Add(Write(document.Base))
            .Run();
        step.Db.Use("DELETE FROM configurations WHERE version <= ?1").Add(current + 1 - Kept).Run();
        step.News.Configuration = true;
        return new ConfigSnapshot((current + 1).ToString(CultureInfo.InvariantCulture), step.Now, document);
    }

    public static long ReadLastVersion(Database database) => database.Use("SELECT max(version) FROM configurations").ReadNumber() ?? 0;

    /// <summary>Those after a version, oldest first.</summary>
    public static List<(long Version, ConfigSnapshot Snapshot)> ReadAfter(Database database, long version)
    {
        List<(long, ConfigSnapshot)> snapshots = [];
        Statement select = database.Use(
            "SELECT version, published_at, author, queues, routes, base FROM configurations WHERE version > ?1 ORDER BY version").Add(version);
        while (select.Step())
        {
            long number = select.GetInt64(0);
            ConfigDocument document = new(Read(select.GetBytes(3)), Read(select.GetBytes(4)), Read(select.GetBytes(5)), select.GetText(2));
            DateTimeOffset at = new(select.GetInt64(1), TimeSpan.Zero);
            snapshots.Add((number, new ConfigSnapshot(number.ToString(CultureInfo.InvariantCulture), at, document)));
        }

        return snapshots;
    }

    private static ReadOnlySpan<byte> Write(IReadOnlyDictionary<string, RawJson> part)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            foreach ((string name, RawJson value) in part)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    // Values are kept byte for byte, not re-written.
    private static Dictionary<string, RawJson> Read(byte[] json)
    {
        Dictionary<string, RawJson> part = new(StringComparer.Ordinal);
        Utf8JsonReader reader = new(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            part[name] = new RawJson(json.AsMemory(start, (int)reader.BytesConsumed - start));
        }

        return part;
    }
}
