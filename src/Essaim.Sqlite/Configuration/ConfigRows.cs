using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Published configurations.</summary>
internal static class ConfigRows
{
    private const string Columns = "version, author, queues, routes, base, revision, host";

    public static ConfigSnapshot? Publish(WriteStep step, ConfigDocument document, string? expectedVersion)
    {
        long current = ReadLastVersion(step.Db);
        if ((current == 0 ? null : ConfigVersion.Show(current)) != expectedVersion)
            return null;
        long version = ConfigVersion.Next(current, step.Now);
        step.Db.Use($"INSERT INTO configurations ({Columns}, published_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
            .Add(version)
            .Add(document.Author)
            .Add(Write(document.Queues))
            .Add(Write(document.Routes))
            .Add(Write(document.Base))
            .Add(document.Revision)
            .Add(document.Host)
            .Add(step.Now.UtcTicks)
            .Run();
        step.Db.Use($"DELETE FROM configurations WHERE version NOT IN (SELECT version FROM configurations ORDER BY version DESC LIMIT {IConfigStore.Kept})").Run();
        step.News.Configuration = true;
        return Snapshot(version, document);
    }

    public static long ReadLastVersion(Database database) => database.Use("SELECT max(version) FROM configurations").ReadNumber() ?? 0;

    /// <summary>The newest, newest first.</summary>
    public static List<ConfigSnapshot> ReadLast(Database database, int most)
    {
        List<ConfigSnapshot> snapshots = [];
        Statement select = database.Use($"SELECT {Columns} FROM configurations ORDER BY version DESC LIMIT ?1").Add(most);
        while (select.Step())
        {
            ConfigDocument document = new(Read(select.GetBytes(2)), Read(select.GetBytes(3)), Read(select.GetBytes(4)), select.GetText(1))
            {
                Revision = select.GetInt64(5),
                Host = select.GetText(6),
            };
            snapshots.Add(Snapshot(select.GetInt64(0), document));
        }

        return snapshots;
    }

    // The file is Essaim's alone, and its pages are checked: no other hash than the content's own can be there.
    private static ConfigSnapshot Snapshot(long number, ConfigDocument document)
    {
        string version = ConfigVersion.Show(number);
        return new ConfigSnapshot(version, ConfigVersion.InstantOf(version), document) { DeclaredHash = document.Hash };
    }

    private static ReadOnlySpan<byte> Write(IReadOnlyDictionary<string, RawJson> part)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
            ConfigDocumentJson.WritePart(writer, part);
        return stream.ToArray();
    }

    private static Dictionary<string, RawJson> Read(byte[] json)
    {
        Utf8JsonReader reader = new(json);
        reader.Read();
        return ConfigDocumentJson.ReadPart(ref reader, json);
    }
}
