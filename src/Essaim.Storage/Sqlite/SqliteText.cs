using System.Text;
using Essaim.Protocol;
using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Sqlite;

/// <summary>How values are written in the file: instants as microseconds since 1970, JSON as text.</summary>
internal static class SqliteText
{
    public static long ToMicros(DateTimeOffset instant) => (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicros(long micros) => new((micros * TimeSpan.TicksPerMicrosecond) + DateTime.UnixEpoch.Ticks, TimeSpan.Zero);

    public static object? Micros(DateTimeOffset? instant) => instant is { } value ? ToMicros(value) : null;

    public static string? Text(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static long? Number(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static DateTimeOffset Instant(this SqliteDataReader row, int column) => FromMicros(row.GetInt64(column));

    public static DateTimeOffset? OptionalInstant(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Instant(column);

    public static RawJson Json(this SqliteDataReader row, int column) => new(Encoding.UTF8.GetBytes(row.GetString(column)));
}
