using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Essaim.Protocol;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>A file as the task <c>essaim.function</c> on a fleet: sent, watched, its result printed.</summary>
internal static partial class FleetRun
{
    // Events are best effort: the last ones may never come.
    private static readonly TimeSpan WaitUnsaid = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LastEvents = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(CommandContext context, RunRequest request, string? environment, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        string id = Guid.NewGuid().ToString();
        using CancellationTokenSource listening = new();
        using RunScreen screen = new(context.Output);
        Task log = ShowLogAsync(backend.Events.SubscribeAsync(null, listening.Token), id, screen, listening.Token);
        try
        {
            TaskHandle handle = await context.Client.SendAsync(FunctionTask.Name, [], KeywordsOf(request, environment), new EnqueueOptions { TaskId = id }, cancellationToken);
            using CancellationTokenSource begun = new();
            Task note = NoteWaitAsync(context, id, environment ?? SandboxEnvironment.Usual, begun.Token);
            ResultDocument document = await FollowAsync(handle, screen, begun, cancellationToken);
            await note;
            await Task.WhenAny(log, Task.Delay(LastEvents, TimeProvider.System, CancellationToken.None));
            return Write(context, document);
        }
        finally
        {
            await listening.CancelAsync();
            await log;
        }
    }

    private static Dictionary<string, object?> KeywordsOf(RunRequest request, string? environment) => new()
    {
        ["environment"] = environment ?? SandboxEnvironment.Usual,
        ["source"] = request.IsArchive ? Convert.ToBase64String(request.Source.Span) : Encoding.UTF8.GetString(request.Source.Span),
        ["encoding"] = request.IsArchive ? "base64" : "text",
        ["name"] = request.FileName,
        ["texts"] = request.Texts,
        ["limits"] = FunctionLimits.Of(request.Limits),
        ["checks"] = request.Checks,
    };

    private static async Task<ResultDocument> FollowAsync(TaskHandle handle, RunScreen screen, CancellationTokenSource begun, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (TaskUpdate update in handle.WatchAsync(cancellationToken))
            {
                if (update.Progress is not null || update.State != TaskState.Pending)
                    await begun.CancelAsync();
                if (update.Progress is { Fraction: { } fraction } progress)
                    screen.Show(new RunProgress(fraction, PlainText.Of(progress.Text ?? "")));
                if (update.State.IsReady)
                    return update.Document;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await handle.RevokeAsync(terminate: true, CancellationToken.None);
        }

        await begun.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        throw new AppException("ESS4004", $"The task {handle.Id} is not watched any more: the broker ended it. Look with 'result {handle.Id} --wait'.");
    }

    /// <summary>What nobody offers waits: somebody should know.</summary>
    private static async Task NoteWaitAsync(CommandContext context, string id, string environment, CancellationToken begun)
    {
        await Task.Delay(WaitUnsaid, TimeProvider.System, begun).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!begun.IsCancellationRequested)
            context.Output.Say($"{context.Definition.Name}: no worker has begun it yet. It goes to one that offers '{environment}' and is free; 'why {id}' tells what it waits for.");
    }

    private static async Task ShowLogAsync(IAsyncEnumerable<EventEntry> events, string id, RunScreen screen, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (EventEntry entry in events)
            {
                if (entry.Event.TaskId != id)
                    continue;
                if (entry.Event.Type is "task-succeeded" or "task-failed" or "task-revoked")
                    return;
                if (entry.Event.Type != "task-log")
                    continue;
                using JsonDocument body = JsonDocument.Parse(entry.Event.Body.Utf8);
                bool isError = body.RootElement.GetProperty("level").GetString() != "info";
                byte[] line = Encoding.UTF8.GetBytes(body.RootElement.GetProperty("line").GetString() + "\n");
                screen.Show(new RunText(isError, line, TimeSpan.Zero, 0));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The result is there.
        }
    }

    private static int Write(CommandContext context, ResultDocument document)
    {
        if (document.State == TaskState.Failure && ExceptionDocument.Decode(document.Result) is { Type: "FunctionError" } error && CodeAtStart().Match(MessageOf(error)) is { Success: true } match)
        {
            if (context.Output.IsJson)
                context.Output.Json(new RawJson(document.Encode()));
            context.Output.Say($"{context.Definition.Name}: {PlainText.Of(MessageOf(error))}");
            return RunReport.ExitOf(match.Groups[1].Value);
        }

        return document.State == TaskState.Success && document.Result.ToString() == "null" && !context.Output.IsJson
            ? ExitCodes.Ok
            : ResultWriter.Write(context, document);
    }

    private static string MessageOf(ExceptionDocument error)
    {
        using JsonDocument message = JsonDocument.Parse(error.Message.Utf8);
        JsonElement first = message.RootElement.ValueKind == JsonValueKind.Array && message.RootElement.GetArrayLength() > 0 ? message.RootElement[0] : message.RootElement;
        return first.ValueKind == JsonValueKind.String ? first.GetString()! : first.GetRawText();
    }

    [GeneratedRegex("^(ESS60[0-9]{2}): ")]
    private static partial Regex CodeAtStart();
}
