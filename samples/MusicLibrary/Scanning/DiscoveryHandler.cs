using Essaim;

namespace MusicLibrary;

/// <summary>Walks a folder and sends what must be read. A second run of the same task walks again and sends only what is still missing.</summary>
[TaskName("scan.discovery")]
internal sealed record Discover(string Library, string Root, string Scan, bool RetryFailed) : ITaskArgs;

internal sealed class DiscoveryHandler : ITaskHandler<Discover>
{
    private const int FilesPerBatch = 32;

    public async Task HandleAsync(Discover args, TaskContext context, CancellationToken stop)
    {
        using LibraryDatabase library = LibraryDatabase.Open(args.Library);
        await library.Read(session => PendingWork.Below(session, args.Root)).SendAsync(context.Client, args.Library, stop);
        long met = 0;
        foreach (WalkEntry[] some in new FolderWalk(args.Root).Enter().Chunk(FilesPerBatch))
        {
            List<FileRef> wanted = library.Write(session => ChangeDetection.Record(session, args.Scan, some, args.RetryFailed));
            if (wanted.Count > 0)
                await context.Client.EnqueueAsync(new ExtractBatch(args.Library, wanted, Attempt: 1), cancellationToken: stop);
            met += some.Length;
            context.Progress(text: $"{met} files met");
            stop.ThrowIfCancellationRequested();
        }

        library.Write(session => ScanRows.Advance(session, args.Scan, ScanRows.Walking, ScanRows.Walked));
        await context.Client.EnqueueAsync(new RemoveOrphans(args.Library, args.Root, args.Scan), cancellationToken: stop);
    }
}
