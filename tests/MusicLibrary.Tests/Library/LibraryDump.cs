using Microsoft.Data.Sqlite;

namespace MusicLibrary.Tests.Library;

/// <summary>All rows of what a library holds, as text, in one order: two libraries are the same where their dumps are.</summary>
internal static class LibraryDump
{
    public static List<string> Of(LibraryDatabase library) => library.Read(session =>
    {
        List<string> rows = [];
        foreach (string table in (string[])["files", "tracks", "albums", "covers", "vectors"])
            rows.AddRange(session.Query($"SELECT * FROM {table} ORDER BY 1", row => $"{table}: {Text(row)}"));
        return rows;
    });

    public static List<string> Of(string path)
    {
        using LibraryDatabase library = LibraryDatabase.Open(path);
        List<string> rows = Of(library);
        if (Directory.Exists(library.CoverFolder))
            rows.AddRange(Directory.EnumerateFiles(library.CoverFolder).Order(StringComparer.Ordinal).Select(file => $"cover file: {Path.GetFileName(file)}"));
        return rows;
    }

    private static string Text(SqliteDataReader row)
    {
        object[] values = new object[row.FieldCount];
        row.GetValues(values);
        return string.Join(" | ", values.Select(value => value is byte[] bytes ? Convert.ToHexString(bytes) : value.ToString()));
    }
}
