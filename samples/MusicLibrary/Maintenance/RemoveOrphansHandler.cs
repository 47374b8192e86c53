using Essaim;

namespace MusicLibrary;

/// <summary>Removes what the library knows of files that vanished, then pictures nobody uses.</summary>
[TaskName("maintenance.orphans")]
internal sealed record RemoveOrphans(string Library, string Root, string Scan) : ITaskArgs;

internal sealed class RemoveOrphansHandler : ITaskHandler<RemoveOrphans>
{
    public async Task HandleAsync(RemoveOrphans args, TaskContext context, CancellationToken stop)
    {
        using LibraryDatabase library = LibraryDatabase.Open(args.Library);
        // A disk that is not mounted is an empty folder, or none: no reason to forget ten thousand tracks.
        if (Directory.Exists(args.Root) && Directory.EnumerateFileSystemEntries(args.Root).Any())
        {
            List<string> orphans = library.Read(session => OrphanRows.Find(session, args.Root, args.Scan));
            foreach (string[] some in orphans.Chunk(500))
            {
                library.Write(session =>
                {
                    foreach (string path in some)
                        OrphanRows.Remove(session, path);
                    ScanRows.AddRemoved(session, args.Scan, some.Length);
                });
                stop.ThrowIfCancellationRequested();
            }
        }

        library.Write(session => CoverFiles.Prune(session, library.CoverFolder));
        await context.Client.EnqueueAsync(new Vacuum(args.Library, args.Scan), cancellationToken: stop);
    }
}
