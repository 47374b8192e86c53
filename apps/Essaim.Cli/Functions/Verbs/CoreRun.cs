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
        try
        {
            string? after = null;
            for (int tries = 0; ; tries++)
            {
                try
                {
                    await foreach (CoreEvent happened in core.FollowAsync(_address + "/events", after, cancellationToken))
                    {
                        tries = 0;
                        after = string.IsNullOrEmpty(happened.Id) ? after : happened.Id;
                        if (happened.Type == "end")
                            return;
                        Show(screen, happened);
                    }
                }
                catch (Exception lost) when (tries < MostTries && (lost is IOException || lost is AppException { Code: "ESS4015" }))
                {
                    await Task.Delay(BetweenTries, TimeProvider.System, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await core.SendAsync(HttpMethod.Delete, _address + "?terminate=true", CancellationToken.None);
            throw;
        }
    }

    /// <summary>How it ended.</summary>
    public async Task<ResultDocument> ReadResultAsync(CancellationToken cancellationToken)
    {
        JsonElement view = await core.SendAsync(HttpMethod.Get, _address + "/result?wait=10", cancellationToken);
        return new ResultDocument { TaskId = id, State = new TaskState(view.GetProperty("state").GetString()!), Result = ResultOf(view), Traceback = TracebackOf(view) };
    }

    private static void Show(RunScreen screen, CoreEvent happened)
    {
        if (happened.Type == "log")
        {
            bool isError = happened.Data.GetProperty("level").GetString() != "info";
            screen.Show(new RunText(isError, Encoding.UTF8.GetBytes(happened.Data.GetProperty("line").GetString() + "\n"), TimeSpan.Zero, 0));
        }
        else if (happened.Type == "progress" && happened.Data.TryGetProperty("fraction", out JsonElement fraction) && fraction.ValueKind == JsonValueKind.Number)
        {
            screen.Show(new RunProgress(fraction.GetDouble(), PlainText.Of(happened.Data.GetProperty("text").GetString() ?? "")));
        }
    }

    private static RawJson ResultOf(JsonElement view)
    {
        if (view.GetProperty("error") is not { ValueKind: JsonValueKind.Object } error)
            return new RawJson(Encoding.UTF8.GetBytes(view.GetProperty("result").GetRawText()));
        return ExceptionDocument.Of(TextOf(error, "type") ?? "Exception", TextOf(error, "message") ?? "", TextOf(error, "module") ?? "builtins").Encode();
    }

    private static string? TracebackOf(JsonElement view) => view.GetProperty("error") is { ValueKind: JsonValueKind.Object } error ? TextOf(error, "traceback") : null;

    private static string? TextOf(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
