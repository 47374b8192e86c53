using SQLitePCL;

namespace Essaim.Sqlite;

/// <summary>Says in a sentence what SQLite said in a number.</summary>
internal static class SqliteFault
{
    public const string BadFolder = "ESS2001";
    public const string NotOurs = "ESS2002";
    public const string Damaged = "ESS2003";
    public const string Newer = "ESS2004";
    public const string Full = "ESS2005";
    public const string ReadOnly = "ESS2006";
    public const string Busy = "ESS2007";
    public const string Failed = "ESS2008";
    public const string Closed = "ESS2009";
    public const string NoPath = "ESS2010";
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    public static BackendException From(Database database, int code)
    {
        string path = database.Path;
        string said = database.GetErrorText();
        int system = database.GetSystemError();
        return (code & 0xFF) switch
        {
            raw.SQLITE_FULL => NoSpace(path),
            raw.SQLITE_IOERR when system is NoSpaceLeft or QuotaExceeded => NoSpace(path),
            raw.SQLITE_NOTADB => new BackendException(
                NotOurs, $"{path} is not a SQLite database. Essaim left it as it is; name another file, or move this one away and let Essaim create a new one."),
            raw.SQLITE_CORRUPT => Corrupt(path, said),
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => NotWritable(path),
            raw.SQLITE_CANTOPEN => new BackendException(
                BadFolder, $"{path} cannot be opened: {Explain(path)} Give this user the right to read and write the file and its folder, or name another file."),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new BackendException(
                Busy, $"{path} stayed locked by another program for 10 s. End the program that holds it (a database browser with an open transaction, perhaps) and try again."),
            _ => new BackendException(Failed, $"SQLite could not work on {path}: {said} (code {code}, system error {system}). Check the disk, then try again."),
        };
    }

    public static BackendException Corrupt(string path, string said) => new(
        Damaged, $"{path} is damaged: {said}. Restore it from a copy, or save what can be read with: sqlite3 '{path}' .recover > saved.sql");

    public static BackendException NotWritable(string path) => new(
        ReadOnly, $"{path} cannot be written to: the file, its folder or its disk is read-only for this user. Give the right to write, or name another file.");

    public static BackendException NoSpace(string path) => new(
        Full, $"The disk of {path} is full. Nothing was stored and nothing is damaged; work goes on as soon as there is space again.");

    public static BackendException NotSynced(string path, Exception inner) => new(
        Failed, $"What was written to {path} may not have reached the disk: {inner.Message} Check the disk; the message may or may not be stored.", inner);

    public static BackendException Disposed(string path) => new(Closed, $"{path} has been closed by this program. Open the backend again to use it.");

    private static string Explain(string path) =>
        Directory.Exists(path) ? "it is a folder."
        : File.Exists(path) ? "this user may not open it."
        : "this user may not create it.";
}
