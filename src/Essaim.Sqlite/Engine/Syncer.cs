using Microsoft.Win32.SafeHandles;

namespace Essaim.Sqlite;

/// <summary>The thread that syncs the log and then acknowledges what was in it: one sync for everything written meanwhile.</summary>
internal sealed class Syncer
{
    private readonly string _path;
    private readonly SafeFileHandle _log;
    private readonly Mailbox<List<WriteOperation>> _inbox = new();
    private readonly Thread _thread;
    private volatile bool _suspect;

    public Syncer(string path)
    {
        _path = path;
        _log = File.OpenHandle(path + "-wal", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _thread = new Thread(Work) { IsBackground = true, Name = "essaim-sqlite-syncer" };
        _thread.Start();
    }

    /// <summary>Acknowledges these once the log is on the disk.</summary>
    public void Add(List<WriteOperation> operations) => _inbox.TryAdd(operations);

    /// <summary>
    /// After a failed sync the system may take lost pages for clean, so a later sync proves nothing. Everything is then copied to the
    /// main file with syncs of its own before anything more is written. Called by the writer, in its turn.
    /// </summary>
    public void RepairIfNeeded(Database database)
    {
        if (!_suspect)
            return;
        database.Use("PRAGMA wal_checkpoint(TRUNCATE)").Run();
        _suspect = false;
    }

    /// <summary>Syncs and acknowledges what is left, then ends the thread. The writer has ended before.</summary>
    public void Stop()
    {
        _inbox.Close();
        _thread.Join();
        _log.Dispose();
    }

    private void Work()
    {
        while (_inbox.TakeAll() is { } written)
        {
            Exception? error = TrySync();
            foreach (List<WriteOperation> operations in written)
            {
                foreach (WriteOperation operation in operations)
                {
                    if (error is null)
                        operation.Acknowledge();
                    else
                        operation.Fail(error);
                }
            }
        }
    }

    private BackendException? TrySync()
    {
        try
        {
            NativeFile.Sync(_log);
            return null;
        }
        catch (IOException error)
        {
            _suspect = true;
            return SqliteFault.NotSynced(_path, error);
        }
    }
}
