using Essaim.Protocol;

namespace Essaim;

/// <summary>Waits for results, showing progress where somebody watches, and writes them.</summary>
internal static class ResultWriter
{
    public static async Task<int> WaitAsync(CommandContext context, TaskHandle handle, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task show = context.Output.IsWatched ? ProgressLine.ShowAsync(handle, watching.Token) : Task.CompletedTask;
        try
        {
            ResultDocument document = await handle.WaitAsync(timeout, cancellationToken);
            // A quick task's end is shown before its result is written.
            await watching.CancelAsync();
            await show;
            return Write(context, document);
        }
        finally
        {
            await watching.CancelAsync();
            await show;
        }
    }

    public static int Write(CommandContext context, ResultDocument document)
    {
        if (context.Output.IsJson)
            context.Output.Json(new RawJson(document.Encode()));
        else if (document.State == TaskState.Success)
            context.Output.Value(document.Result);
        if (document.State == TaskState.Success)
            return ExitCodes.Ok;

        string why = document.State.IsException ? ExceptionDocument.Decode(document.Result).ToRepr() : document.Result.ToString();
        string verb = document.State == TaskState.Revoked ? "was revoked" : "failed";
        string code = document.State == TaskState.Revoked ? "ESS1202" : "ESS1201";
        context.Output.Say($"{context.Definition.Name}: {code}: The task {document.TaskId} {verb}: {why}");
        return ExitCodes.Failed;
    }
}
