using System.Collections.Concurrent;
using Essaim;

namespace MusicLibrary;

/// <summary>Asks ffprobe about some files at a time. A file that cannot be used is recorded with its reason and stops nothing.</summary>
[TaskName("metadata.extract_batch")]
internal sealed record ExtractBatch(string Library, IReadOnlyList<FileRef> Files, int Attempt) : ITaskArgs;

internal sealed class ExtractBatchHandler : ITaskHandler<ExtractBatch>
{
    private const int Attempts = 3;
    private static readonly int Parallel = Math.Clamp(Environment.ProcessorCount / 2, 2, 8);

    public async Task HandleAsync(ExtractBatch args, TaskContext context, CancellationToken stop)
    {
        using LibraryDatabase library = LibraryDatabase.Open(args.Library);
        ConcurrentDictionary<string, TrackFacts> read = new(StringComparer.Ordinal);
        ConcurrentDictionary<string, UnusableFileException> unusable = new(StringComparer.Ordinal);
        await System.Threading.Tasks.Parallel.ForEachAsync(
            args.Files, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = stop }, async (file, token) =>
            {
                try
                {
                    read[file.Path] = await Ffprobe.ProbeAsync(file, token);
                }
                catch (UnusableFileException error)
                {
                    unusable[file.Path] = error;
                }
            });

        List<string> later = [];
        library.Write(session =>
        {
            foreach (FileRef file in args.Files)
            {
                if (!unusable.TryGetValue(file.Path, out UnusableFileException? error))
                    FileRows.MarkExtracted(session, file);
                else if (error.IsTransient && args.Attempt < Attempts)
                    later.Add(file.Path);
                else
                    FileRows.Fail(session, file, "metadata", error.Message, error.IsTransient);
            }
        });
        if (later.Count > 0)
        {
            TimeSpan wait = TimeSpan.FromSeconds(1 << (args.Attempt - 1));
            await context.Client.EnqueueAsync(new RetryFailed(args.Library, later, args.Attempt + 1), new EnqueueOptions { Countdown = wait }, stop);
        }

        List<TrackFacts> tracks = [.. args.Files.Where(file => read.ContainsKey(file.Path)).Select(file => read[file.Path])];
        if (tracks.Count > 0)
            await context.Client.EnqueueAsync(new GroupBatch(args.Library, tracks), cancellationToken: stop);
    }
}
