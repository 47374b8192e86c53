using System.CommandLine;
using Essaim;

namespace MusicLibrary;

/// <summary><c>scan FOLDER</c>: brings the library up to date with a folder.</summary>
internal sealed class ScanCommand : AppCommand
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "Folder with music" };
    private readonly Option<bool> _retryFailed = new("--retry-failed") { Description = "Read files again that failed before and have not changed" };
    private readonly Option<bool> _noWorker = new("--no-worker") { Description = "Start no worker: others serve the queues" };
    private readonly Places _places = new();

    public ScanCommand()
        : base("scan", "Brings the library up to date with a folder: tags, albums, covers, and how each track sounds.")
    {
        Examples = ["scan ~/Music", "scan ~/Music --library music.db --format json"];
        Add(_folder);
        Add(_places.Library);
        Add(_places.Data);
        Add(_retryFailed);
        Add(_noWorker);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(context.GetValue(_folder)!));
        if (!Directory.Exists(root))
            throw new LibraryException($"There is no folder '{root}'. Name the folder that holds the music.");
        ExternalTool.Require(Ffprobe.Tool);
        ExternalTool.Require(AudioFeatures.Tool);
        string data = _places.DataFolder(context);
        Directory.CreateDirectory(data);
        using LibraryDatabase library = LibraryDatabase.Open(_places.LibraryFile(context));
        ScanScreen screen = new(context.Output, TimeProvider.System);
        ScanRun run = new(library, root, context.GetValue(_retryFailed), context.Client, screen);
        bool complete;
        await using (LocalWorker? worker = context.GetValue(_noWorker) ? null : new LocalWorker(data, context.BrokerUrl))
        {
            complete = await run.RunAsync(worker, cancellationToken);
            screen.Clear();
            if (!complete)
                context.Output.Say($"The worker does not bring this scan to its end. What it said: {worker?.LogFile ?? "(it runs elsewhere)"}");
        }

        ScanReport report = library.Read(session => ScanReport.Of(session, root, library.Path)) with
        {
            ElapsedSeconds = Math.Round(screen.Elapsed.TotalSeconds, 2),
        };
        ScanReportWriter.Write(context.Output, report);
        return complete ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
