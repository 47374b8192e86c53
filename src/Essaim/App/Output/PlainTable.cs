namespace Essaim;

/// <summary>Columns two spaces apart, for people and for awk.</summary>
internal static class PlainTable
{
    public static void Write(TextWriter writer, IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. headers.Select((header, column) => rows.Select(row => row[column].Length).Append(header.Length).Max())];
        WriteRow(writer, headers, widths);
        foreach (IReadOnlyList<string> row in rows)
            WriteRow(writer, row, widths);
    }

    private static void WriteRow(TextWriter writer, IReadOnlyList<string> cells, int[] widths) =>
        writer.WriteLine(string.Join("  ", cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
}
