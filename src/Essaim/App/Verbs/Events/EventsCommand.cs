using System.CommandLine;
using Essaim.Protocol;

namespace Essaim;

/// <summary><c>events</c>: what workers announce, as it comes.</summary>
internal sealed class EventsCommand : AppCommand
{
    private readonly Option<string?> _type = new("--type") { HelpName = "TYPE,TYPE", Description = "Only these types: task-failed, worker-online, task- for all of tasks…" };
    private readonly Option<string?> _task = new("--task") { HelpName = "NAME|ID", Description = "Only events of tasks of this name or id" };
    private readonly Option<int?> _limit = new("--limit") { HelpName = "N", Description = "End after so many events" };
    private readonly Option<bool> _noEnable = new("--no-enable") { Description = "Do not ask workers to send events of tasks" };
    private readonly Option<bool> _live = new("--live") { Description = "A table of workers and the latest tasks that changes in place [default: on a terminal]" };
    private readonly Option<bool> _lines = new("--lines") { Description = "A line an event on a terminal, too" };

    public EventsCommand()
        : base("events", "Shows what workers (Essaim's or Celery's) announce, until Ctrl-C; asks them first to announce tasks, too.")
    {
        _limit.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out int count) && count >= 1))
                result.AddError($"'{text}' is not a number of events. Give a whole number of at least 1.");
        });
        foreach (Option option in (Option[])[_type, _task, _limit, _noEnable, _live, _lines])
            Add(option);
        Examples = ["events", "events --type task-failed,task-retried", "events --task mail.send --limit 10 --format json", "events --live"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        EventFilter filter = new(Split(context.GetValue(_type)), context.GetValue(_task));
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Listening starts here, so that what the requests below set off is seen: who is there, and that somebody listens.
        IAsyncEnumerable<EventEntry> events = backend.Events.SubscribeAsync(null, end.Token);
        await backend.Control.CastAsync(new ControlRequest("heartbeat", RawJson.EmptyObject), cancellationToken);
        if (!context.GetValue(_noEnable))
            await backend.Control.CastAsync(new ControlRequest("enable_events", RawJson.EmptyObject), cancellationToken);
        IEventView view = IsLive(context) ? new LiveView(backend.DisplayUrl) : new EventLines(context.Output);
        await using (view)
            return await ShowAsync(context, events, filter, view, cancellationToken);
    }

    private async Task<int> ShowAsync(CommandContext context, IAsyncEnumerable<EventEntry> events, EventFilter filter, IEventView view, CancellationToken cancellationToken)
    {
        int left = context.GetValue(_limit) ?? int.MaxValue;
        try
        {
            await foreach (EventEntry entry in events)
            {
                if (!filter.Lets(entry.Event))
                    continue;
                view.Show(entry.Event);
                if (--left == 0)
                    return ExitCodes.Ok;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how one ends watching.
        }

        return ExitCodes.Ok;
    }

    private bool IsLive(CommandContext context) =>
        context.GetValue(_live) || (!context.Output.IsJson && !context.GetValue(_lines) && context.GetValue(_limit) is null && context.Output.IsWatched && !Console.IsOutputRedirected);

    private static string[] Split(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
