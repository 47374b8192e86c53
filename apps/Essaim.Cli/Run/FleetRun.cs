using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Essaim.Protocol;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>A file as the task <c>essaim.function</c> on a fleet: sent, watched, its result printed.</summary>
internal static partial class FleetRun
{
    private static readonly TimeSpan WaitUnsaid = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(CommandContext context, RunRequest request, string environment, FleetRunOptions options, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        string id = Guid.NewGuid().ToString();
        using CancellationTokenSource ended = new();
        using RunScreen screen = new(context.Output);
        FleetFiles files = new(context, new BrokerShelf(backend), screen);
        IReadOnlyDictionary<string, string> blobs = await files.PutAsync(request.Files, options.FilesLimit, request.Limits.Time, cancellationToken);
        TaskLogFollower log = new(backend.Logs, id, screen.Show);
        Task showing = log.RunAsync(0, ended.Token, CancellationToken.None);
        ResultDocument document;
        try
        {
            TaskHandle handle = await context.Client.SendAsync(FunctionTask.Name, [], KeywordsOf(request, environment, options, blobs), new EnqueueOptions { TaskId = id }, cancellationToken);
            using CancellationTokenSource begun = new();
            Task note = NoteWaitAsync(context, id, environment, begun.Token);
            document = await FollowAsync(handle, screen, begun, cancellationToken);
            await note;
        }
        finally
        {
            await ended.CancelAsync();
            await showing;
        }

        int exit = Write(context, document);
        await files.FetchAsync(id, options.Out, cancellationToken);
        return exit;
    }

    private static Dictionary<string, object?> KeywordsOf(RunRequest request, string environment, FleetRunOptions options, IReadOnlyDictionary<string, string> blobs)
    {
        Dictionary<string, object?> keywords = new()
        {
            ["environment"] = environment,
            ["source"] = request.IsArchive ? Convert.ToBase64String(request.Source.Span) : Encoding.UTF8.GetString(request.Source.Span),
            ["encoding"] = request.IsArchive ? "base64" : "text",
            ["name"] = request.FileName,
            ["texts"] = request.Texts,
            ["checks"] = request.Checks,
        };
        options.AddTo(keywords, blobs);
        return keywords;
    }

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

    /// <summary>Writes how it ended.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(CommandContext context, ResultDocument document)
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

/// <summary>How a file is run on a fleet.</summary>
/// <param name="Limits">What was asked for.</param>
/// <param name="Out">Where what it leaves goes; null: nowhere.</param>
/// <param name="FilesLimit">Bytes of all its files, and of all it leaves; null: the usual.</param>
/// <param name="Cache">An earlier answer will do.</param>
/// <param name="CacheFor">How long this one's is kept; null: the usual.</param>
internal sealed record FleetRunOptions(FunctionLimits Limits, string? Out, long? FilesLimit, bool Cache, TimeSpan? CacheFor)
{
    /// <summary>Says it in a call. What is not asked for is not said: a worker of an older version may take it.</summary>
    /// <param name="call">Keywords of the task, or what asks a core for it.</param>
    /// <param name="files">Names and contents of the run's files.</param>
    public void AddTo(Dictionary<string, object?> call, IReadOnlyDictionary<string, string> files)
    {
        call["limits"] = Limits with { Files = FilesLimit };
        if (files.Count > 0)
            call["files"] = files;
        if (Out is not null)
            call["collect"] = true;
        if (Cache)
            call["cache"] = true;
        if (CacheFor is { } span)
            call["cache_for"] = span.TotalSeconds;
    }
}
