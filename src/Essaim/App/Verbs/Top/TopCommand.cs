using System.CommandLine;
using Essaim.Protocol;
using Spectre.Console;

namespace Essaim;

/// <summary><c>top</c>: nodes, slots, queues and scaling, live.</summary>
internal sealed class TopCommand : AppCommand
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);
    private readonly Option<TimeSpan?> _interval = DurationText.Option("--interval", "Time between two looks at the queues [default: 1s]");
    private readonly Option<bool> _once = new("--once") { Description = "Listen for a moment, print once, end [default: where stdout is no terminal]" };
    private readonly Option<TimeSpan?> _listen = DurationText.Option("--listen", "With --once, how long to listen for heartbeats [default: 3s]");

    public TopCommand()
        : base("top", "Shows workers, slots, processor, memory, queues and scaling, until Ctrl-C.")
    {
        foreach (Option option in (Option[])[_interval, _once, _listen])
            Add(option);
        Examples = ["top", "top --interval 5s", "top --once --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        TopFleet fleet = new();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        IAsyncEnumerable<EventEntry> events = backend.Events.SubscribeAsync(null, end.Token);
        await backend.Control.CastAsync(new ControlRequest("heartbeat", RawJson.EmptyObject), cancellationToken);
        Task listening = ListenAsync(events, fleet, end.Token);
        bool live = !context.GetValue(_once) && !context.Output.IsJson && !Console.IsOutputRedirected;
        try
        {
            if (live)
                await ShowAsync(backend, fleet, context.GetValue(_interval) ?? DefaultInterval, cancellationToken);
            else
                await PrintAsync(context, backend, fleet, cancellationToken);
        }
        catch (OperationCanceledException) when (live && cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how one ends watching.
        }

        await end.CancelAsync();
        await listening;
        return ExitCodes.Ok;
    }

    private static async Task ListenAsync(IAsyncEnumerable<EventEntry> events, TopFleet fleet, CancellationToken stop)
    {
        try
        {
            await foreach (EventEntry entry in events)
                fleet.Add(entry.Event);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Enough was heard.
        }
    }

    private async Task PrintAsync(CommandContext context, IBackend backend, TopFleet fleet, CancellationToken cancellationToken)
    {
        await Task.Delay(context.GetValue(_listen) ?? TimeSpan.FromSeconds(3), TimeProvider.System, cancellationToken);
        TopSnapshot snapshot = fleet.Take(await backend.Broker.GetQueuesAsync(cancellationToken), backend.Clock.GetUtcNow());
        if (context.Output.IsJson)
        {
            context.Output.Json(snapshot);
            return;
        }

        context.Output.Data($"{backend.DisplayUrl}  {TopTables.Sum(snapshot)}");
        context.Output.Table(TopTables.WorkerHeaders, TopTables.Workers(snapshot));
        context.Output.Table(TopTables.QueueHeaders, TopTables.Queues(snapshot));
        foreach (string scaling in TopTables.Scalings(snapshot))
            context.Output.Data(scaling);
    }

    private static async Task ShowAsync(IBackend backend, TopFleet fleet, TimeSpan interval, CancellationToken cancellationToken)
    {
        await AnsiConsole.Live(new Text($"{backend.DisplayUrl}  (Ctrl-C ends)")).StartAsync(async display =>
        {
            while (true)
            {
                display.UpdateTarget(await DrawAsync(backend, fleet, cancellationToken));
                await Task.Delay(interval, TimeProvider.System, cancellationToken);
            }
        });
    }

    private static async Task<Rows> DrawAsync(IBackend backend, TopFleet fleet, CancellationToken cancellationToken)
    {
        string trouble = "";
        IReadOnlyList<QueueStatus> queues = [];
        try
        {
            queues = await backend.Broker.GetQueuesAsync(cancellationToken);
        }
        catch (BackendException failure)
        {
            trouble = failure.Message;
        }

        TopSnapshot snapshot = fleet.Take(queues, backend.Clock.GetUtcNow());
        return new Rows([
            new Text($"{backend.DisplayUrl}  (Ctrl-C ends)"),
            new Text(TopTables.Sum(snapshot)),
            new Text(""),
            Draw(TopTables.WorkerHeaders, TopTables.Workers(snapshot)),
            new Text(""),
            trouble.Length > 0 ? new Text(trouble) : Draw(TopTables.QueueHeaders, TopTables.Queues(snapshot)),
            new Text(""),
            .. TopTables.Scalings(snapshot).Select(line => new Text(line)),
        ]);
    }

    private static Text Draw(IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        (headers, rows) = TopTables.Fit(headers, rows, AnsiConsole.Profile.Width - 1);
        using StringWriter text = new();
        PlainTable.Write(text, headers, rows);
        return new Text(text.ToString().TrimEnd()) { Overflow = Overflow.Ellipsis };
    }
}
