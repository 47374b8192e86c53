using Essaim;

namespace MusicLibrary;

/// <summary>Gives space back where a quarter of the library's file is unused, and lets SQLite look after its statistics.</summary>
[TaskName("maintenance.vacuum")]
internal sealed record Vacuum(string Library, string Scan) : ITaskArgs;

internal sealed class VacuumHandler : ITaskHandler<Vacuum>
{
    public Task HandleAsync(Vacuum args, TaskContext context, CancellationToken stop)
    {
        using LibraryDatabase library = LibraryDatabase.Open(args.Library);
        SqlSession session = library.Bare();
        if (session.Scalar<long>("PRAGMA freelist_count") * 4 > session.Scalar<long>("PRAGMA page_count"))
            session.Run("VACUUM");
        session.Run("PRAGMA optimize");
        library.Write(write => ScanRows.Advance(write, args.Scan, ScanRows.Walked, ScanRows.Tidied));
        return Task.CompletedTask;
    }
}
