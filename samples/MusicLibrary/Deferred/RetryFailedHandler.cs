using Essaim;

namespace MusicLibrary;

/// <summary>Looks again at files that were in the way of being written, and sends them to be read as they are now.</summary>
[TaskName("deferred.retry_failed")]
internal sealed record RetryFailed(string Library, IReadOnlyList<string> Paths, int Attempt) : ITaskArgs;

internal sealed class RetryFailedHandler : ITaskHandler<RetryFailed>
{
    public async Task HandleAsync(RetryFailed args, TaskContext context, CancellationToken stop)
    {
        using LibraryDatabase library = LibraryDatabase.Open(args.Library);
        List<FileRef> files = [.. args.Paths.Select(FileRef.Look).OfType<FileRef>()];
        HashSet<string> gone = [.. args.Paths.Except(files.Select(file => file.Path))];
        library.Write(session =>
        {
            foreach (FileRef file in files)
                FileRows.Discover(session, file);
            foreach (string path in gone)
                OrphanRows.Remove(session, path);
        });
        if (files.Count > 0)
            await context.Client.EnqueueAsync(new ExtractBatch(args.Library, files, args.Attempt), cancellationToken: stop);
    }
}
