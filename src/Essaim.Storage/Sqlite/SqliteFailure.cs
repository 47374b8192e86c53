using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Sqlite;

/// <summary>SQLite's errors in sentences a person can act on.</summary>
internal static class SqliteFailure
{
    private const int Perm = 3, Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CantOpen = 14, NotADatabase = 26;

    public static MetadataException Explain(string path, SqliteException error) => error.SqliteErrorCode switch
    {
        Corrupt or NotADatabase => new MetadataException(
            "ESS5101",
            path,
            $"The task history '{path}' is damaged or not a database ({error.SqliteErrorCode}: {SqliteMessage(error)}). Move the file away (with its -wal and "
            + "-shm files) to start with an empty history, or restore a copy; queues and results are in another file and are not affected.",
            error),
        Perm or ReadOnly or CantOpen => NotWritable(path, SqliteMessage(error), error),
        Full => new MetadataException(
            "ESS5104", path, $"The disk that holds the task history '{path}' is full. Free some space; recording goes on by itself then.", error),
        Busy or Locked => new MetadataException(
            "ESS5105", path, $"The task history '{path}' is locked by another program. Close what else has it open (a second core, a database browser).", error),
        IoError => new MetadataException(
            "ESS5106", path, $"The task history '{path}' cannot be read or written ({SqliteMessage(error)}). Check the disk and its file system.", error),
        _ => new MetadataException("ESS5107", path, $"The task history '{path}' failed ({error.SqliteErrorCode}: {SqliteMessage(error)}).", error),
    };

    public static MetadataException NotWritable(string path, string why, Exception error) => new(
        "ESS5103", path, $"The task history '{path}' cannot be opened for writing ({why}). Check that this user may write to the folder and the file, or choose another data folder.", error);

    /// <summary>Takes the wrapper's words off: <c>SQLite Error 26: 'file is not a database'.</c></summary>
    private static string SqliteMessage(SqliteException error)
    {
        int from = error.Message.IndexOf('\'', StringComparison.Ordinal), to = error.Message.LastIndexOf('\'');
        return from >= 0 && to > from ? error.Message[(from + 1)..to] : error.Message;
    }
}
