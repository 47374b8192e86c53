using System.CommandLine;
using System.Globalization;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary><c>artifacts</c>: the files a function has left, listed or fetched.</summary>
internal sealed class ArtifactsCommand : AppCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "Id of the task" };
    private readonly Option<string?> _out = new("--out") { HelpName = "DIR", Description = "Fetch them into this folder [default: they are listed]" };

    public ArtifactsCommand()
        : base("artifacts", "Lists or fetches the files a function has left.")
    {
        Add(_id);
        Add(_out);
        Examples = ["artifacts 3f2c…", "artifacts 3f2c… --out results", "artifacts 3f2c… --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        string id = context.GetValue(_id)!;
        if (await TaskLeavings.ReadAsync(backend, id, cancellationToken) is not { } leavings)
        {
            throw new AppException(
                "ESS4004",
                $"The broker {backend.DisplayUrl} has no files of {id}: it has not ended, left none, or they have expired with its result.",
                ExitCodes.NotFound);
        }

        if (context.GetValue(_out) is { } folder)
        {
            using RunScreen screen = new(context.Output);
            return await new FleetFiles(context, new BrokerShelf(backend), screen).FetchAsync(id, folder, cancellationToken) == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        }

        if (context.Output.IsJson)
        {
            context.Output.Json(new
            {
                artifacts = leavings.Artifacts.Select(artifact => new { path = artifact.Path, size = artifact.Size, title = artifact.Title, sha256 = artifact.Blob }),
                skipped = leavings.Skipped.Select(entry => new { path = entry.Path, reason = entry.Reason }),
            });
            return ExitCodes.Ok;
        }

        foreach (TaskArtifact artifact in leavings.Artifacts)
            context.Output.Data(string.Create(CultureInfo.InvariantCulture, $"{artifact.Size,12:N0}  {PlainText.Of(artifact.Path)}{(artifact.Title is { } title ? $"  ({PlainText.Of(title)})" : "")}"));
        foreach (SkippedArtifact entry in leavings.Skipped)
            context.Output.Say($"{context.Definition.Name}: not collected: {PlainText.Of(entry.Path)}: {PlainText.Of(entry.Reason)}");
        return ExitCodes.Ok;
    }
}
