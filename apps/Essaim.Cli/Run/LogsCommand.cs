using System.CommandLine;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary><c>logs</c>: what a function has written, from any place on.</summary>
internal sealed class LogsCommand : AppCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "Id of the task" };
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on until the task has ended" };
    private readonly Option<long> _from = new("--from") { HelpName = "OFFSET", Description = "Bytes before the first that is wanted", DefaultValueFactory = _ => 0 };

    public LogsCommand()
        : base("logs", "Prints the log of a function, as kept in the broker: its stdout on stdout, the rest on stderr.")
    {
        Add(_id);
        Add(_follow);
        Add(_from);
        Examples = ["logs 3f2c…", "logs 3f2c… --follow", "logs 3f2c… --from 65536", "logs 3f2c… --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        string id = context.GetValue(_id)!;
        long from = context.GetValue(_from);
        if (from < 0)
            throw new AppException("ESS4001", $"--from {from} is not how many bytes come before. Give a number from 0 on.");
        if (await backend.Logs.FindAsync(id, cancellationToken) is null && !await IsKnownAsync(context, backend, id, cancellationToken))
        {
            throw new AppException(
                "ESS4004", $"The broker {backend.DisplayUrl} has no log of {id}, and knows no such task: it is not a function, or its log has expired with its result.", ExitCodes.NotFound);
        }

        using CancellationTokenSource ended = new();
        using RunScreen screen = new(context.Output);
        long shown = 0;
        TaskLogFollower log = new(backend.Logs, id, context.Output.IsJson ? output => Write(context, output, ref shown) : screen.Show);
        shown = from;
        Task<long> showing;
        if (context.GetValue(_follow))
        {
            showing = log.RunAsync(from, ended.Token, cancellationToken);
            await WaitAsync(context.Client.GetHandle(id), cancellationToken);
            await ended.CancelAsync();
        }
        else
        {
            await ended.CancelAsync();
            showing = log.RunAsync(from, ended.Token, cancellationToken);
        }

        await showing;
        return ExitCodes.Ok;
    }

    private static async Task<bool> IsKnownAsync(CommandContext context, IBackend backend, string id, CancellationToken cancellationToken) =>
        await backend.Broker.FindAsync(id, cancellationToken) is not null
        || await context.Client.GetHandle(id).GetDocumentAsync(cancellationToken) is not null;

    private static async Task WaitAsync(TaskHandle handle, CancellationToken cancellationToken)
    {
        await foreach (TaskUpdate update in handle.WatchAsync(cancellationToken))
        {
            if (update.State.IsReady)
                return;
        }
    }

    private static void Write(CommandContext context, RunOutput output, ref long offset)
    {
        switch (output)
        {
            case RunGap gap:
                offset += gap.Bytes;
                break;
            case RunText text:
                context.Output.Json(new { offset = text.Offset - text.Bytes.Length, source = text.IsError ? "error" : "output", text = System.Text.Encoding.UTF8.GetString(text.Bytes.Span) });
                offset = text.Offset;
                break;
            case RunNote note:
                context.Output.Json(new { offset, source = "note", text = note.Text });
                break;
        }
    }
}
