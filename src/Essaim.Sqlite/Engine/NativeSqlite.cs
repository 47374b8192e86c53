using System.Runtime.InteropServices;
using SQLitePCL;

namespace Essaim.Sqlite;

/// <summary>What the binding leaves out of the SQLite library it brings.</summary>
internal static unsafe partial class NativeSqlite
{
    private const string Library = "e_sqlite3";

    /// <summary>The operating system's error behind the last failure.</summary>
    public static int GetSystemError(sqlite3 database) => sqlite3_system_errno(database);

    /// <summary>Has <paramref name="frames"/> set to the length of the log after each commit. It must stay in place as long as the connection.</summary>
    public static void CountLogFrames(sqlite3 database, int* frames) => sqlite3_wal_hook(database, &SetFrames, frames);

    [UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static int SetFrames(int* frames, void* database, byte* name, int count)
    {
        *frames = count;
        return 0;
    }

    [LibraryImport(Library)]
    private static partial int sqlite3_system_errno(sqlite3 database);

    [LibraryImport(Library)]
    private static partial void* sqlite3_wal_hook(
        sqlite3 database, delegate* unmanaged[Cdecl]<int*, void*, byte*, int, int> hook, int* argument);
}
