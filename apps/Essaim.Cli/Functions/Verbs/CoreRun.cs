using System.Text;
using System.Text.Json;
using Essaim.Protocol;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>A task that was submitted to a core: followed to its end through the core.</summary>
internal sealed class CoreRun(CoreClient core, string id)
{
    // A core that is started anew is there again within this.
    private const int MostTries = 20;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly string _address = $"v1/tasks/{Uri.EscapeDataString(id)}";

    /// <summary>Shows log and progress until the task has ended. Cancelling ends the task.</summary>
    public async Task FollowAsync(RunScreen screen, CancellationToken cancellationToken)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task log = FollowLogAsync(screen, ended.Token, cancellationToken);
        try
        {
            await FollowAsync("/events", happened => ShowProgress(screen, happened), cancellationToken);
            await ended.CancelAsync();
            await log;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await core.SendAsync(HttpMethod.Delete, _address + "?terminate=true", CancellationToken.None);
            throw;
        }
        finally
        {
            await ended.CancelAsync();
            await log.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>How it ended.</summary>
    public async Task<ResultDocument> ReadResultAsync(CancellationToken cancellationToken)
    {
        JsonElement view = await core.SendAsync(HttpMethod.Get, _address + "/result?wait=10", cancellationToken);
        return new ResultDocument { TaskId = id, State = new TaskState(view.GetProperty("state").GetString()!), Result = ResultOf(view), Traceback = TracebackOf(view) };
    }

    /// <summary>Shows the kept log; once the task has ended, what is left of it at once.</summary>
    private async Task FollowLogAsync(RunScreen screen, CancellationToken ended, CancellationToken cancellationToken)
    {
        string? after = null;
        try
        {
            await FollowAsync("/log/events", Show, ended);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await FollowAsync("/log/events", Show, cancellationToken, after);
        }

        void Show(CoreEvent happened)
        {
            after = string.IsNullOrEmpty(happened.Id) ? after : happened.Id;
            if (OutputOf(happened) is { } output)
                screen.Show(output);
        }
    }

    /// <summary>Follows a stream of the task to its last event; where the core is away for a while it goes on just there.</summary>
    private async Task FollowAsync(string stream, Action<CoreEvent> show, CancellationToken cancellationToken, string? after = null)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                await foreach (CoreEvent happened in core.FollowAsync(_address + stream, after, cancellationToken))
                {
                    tries = 0;
                    after = string.IsNullOrEmpty(happened.Id) ? after : happened.Id;
                    if (happened.Type == "end")
                        return;
                    show(happened);
                }
            }
            catch (Exception lost) when (tries < MostTries && (lost is IOException || lost is AppException { Code: "ESS4015" }))
            {
                await Task.Delay(BetweenTries, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static void ShowProgress(RunScreen screen, CoreEvent happened)
    {
        if (happened.Type == "progress" && happened.Data.TryGetProperty("fraction", out JsonElement fraction) && fraction.ValueKind == JsonValueKind.Number)
            screen.Show(new RunProgress(fraction.GetDouble(), PlainText.Of(happened.Data.GetProperty("text").GetString() ?? "")));
    }

    private static RunOutput? OutputOf(CoreEvent happened) => happened.Type switch
    {
        "output" or "error" => new RunText(happened.Type == "error", BytesOf(happened.Data), TimeSpan.Zero, 0),
        "note" => new RunNote(PlainText.Of(Encoding.UTF8.GetString(BytesOf(happened.Data))).TrimEnd('\n')),
        "gap" => new RunGap(happened.Data.GetProperty("to").GetInt64() - happened.Data.GetProperty("from").GetInt64()),
        _ => null,
    };

    private static byte[] BytesOf(JsonElement data) => TextOf(data, "text") is { } text ? Encoding.UTF8.GetBytes(text) : data.GetProperty("base64").GetBytesFromBase64();

    private static RawJson ResultOf(JsonElement view)
    {
        if (view.GetProperty("error") is not { ValueKind: JsonValueKind.Object } error)
            return new RawJson(Encoding.UTF8.GetBytes(view.GetProperty("result").GetRawText()));
        return ExceptionDocument.Of(TextOf(error, "type") ?? "Exception", TextOf(error, "message") ?? "", TextOf(error, "module") ?? "builtins").Encode();
    }

    private static string? TracebackOf(JsonElement view) => view.GetProperty("error") is { ValueKind: JsonValueKind.Object } error ? TextOf(error, "traceback") : null;

    private static string? TextOf(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
