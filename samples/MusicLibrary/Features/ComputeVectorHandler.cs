using Essaim;

namespace MusicLibrary;

/// <summary>Hears one audio and keeps its vector.</summary>
[TaskName("vector.compute")]
internal sealed record ComputeVector(string Library, string Content) : ITaskArgs;

internal sealed class ComputeVectorHandler : ITaskHandler<ComputeVector>
{
    public async Task HandleAsync(ComputeVector args, TaskContext context, CancellationToken stop)
    {
        using LibraryDatabase library = LibraryDatabase.Open(args.Library);
        ((FileRef File, long DurationMs)? next, bool known) = library.Read(
            session => (VectorRows.Awaiting(session, args.Content), VectorRows.Exists(session, args.Content)));
        if (next is not { } track)
            return;
        try
        {
            float[]? vector = known ? null : await HearAsync(track.File, track.DurationMs, stop);
            library.Write(session => VectorRows.Keep(session, args.Content, vector));
        }
        catch (UnusableFileException error)
        {
            library.Write(session => VectorRows.Fail(session, args.Content, error));
        }
    }

    private static async Task<float[]> HearAsync(FileRef file, long durationMs, CancellationToken stop)
    {
        float[] vector = await AudioFeatures.ComputeAsync(file.Path, durationMs, stop);
        return FileRef.Look(file.Path) == file ? vector : throw new UnusableFileException("it changed while it was being read", isTransient: true);
    }
}
