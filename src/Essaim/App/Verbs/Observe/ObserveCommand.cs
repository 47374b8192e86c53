using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim;

/// <summary><c>observe</c>: looks at a fleet without touching it.</summary>
internal sealed class ObserveCommand : AppCommand
{
    private static readonly TimeSpan UsualLength = TimeSpan.FromSeconds(10);

    private readonly Argument<string?> _url = new("URL") { Arity = ArgumentArity.ZeroOrOne, Description = "Broker of the fleet [default: as --broker]" };
    private readonly Option<TimeSpan?> _for = DurationText.Option("--for", "How long to listen [default: 10s]");

    public ObserveCommand()
        : base("observe", "Looks at a running fleet (Essaim's or Celery's) for a while and reports; sends and writes nothing.")
    {
        Add(_url);
        Add(_for);
        Examples = ["observe redis://localhost:6379/0", "observe redis://localhost:6379/0 --for 1m --format json", "observe"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.GetValue(_url) is not { } url)
            return await ObserveAsync(context, await context.OpenBackendAsync(cancellationToken), cancellationToken);
        await using IBackend backend = await Backend.OpenAsync(url, new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), cancellationToken);
        return await ObserveAsync(context, backend, cancellationToken);
    }

    private async Task<int> ObserveAsync(CommandContext context, IBackend backend, CancellationToken cancellationToken)
    {
        TimeSpan length = context.GetValue(_for) ?? UsualLength;
        using CancellationTokenSource over = new(length, TimeProvider.System);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        Task show = context.Output.IsWatched ? ObserveProgress.ShowAsync(length, end.Token) : Task.CompletedTask;
        long start = TimeProvider.System.GetTimestamp();
        FleetWindow window = new();
        try
        {
            await foreach (EventEntry entry in backend.Events.SubscribeAsync(null, end.Token))
                window.Add(entry.Event);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The time is over, or Ctrl-C wants the report now.
        }
        finally
        {
            await end.CancelAsync();
            await show;
        }

        TimeSpan watched = TimeProvider.System.GetElapsedTime(start);
        ObserveReport report = await ReadAsync(backend, window, watched, context.StopNow);
        if (context.Output.IsJson)
            context.Output.Json(report.ToJson());
        else
            report.WriteTables(context.Output);
        SayWhatIsMissing(context, window, watched);
        return ExitCodes.Ok;
    }

    private static async ValueTask<ObserveReport> ReadAsync(IBackend backend, FleetWindow window, TimeSpan length, CancellationToken cancellationToken)
    {
        if (backend is IFleetReader reader)
        {
            FleetReading fleet = await reader.ReadAsync(cancellationToken);
            return new ObserveReport(backend.DisplayUrl, length, window, fleet, [.. fleet.Queues.Select(queue => (queue.Name, queue.Ready))]);
        }

        IReadOnlyList<QueueStatus> queues = await backend.Broker.GetQueuesAsync(cancellationToken);
        return new ObserveReport(backend.DisplayUrl, length, window, null, [.. queues.OrderBy(queue => queue.Name, StringComparer.Ordinal).Select(queue => (queue.Name, queue.Ready))]);
    }

    private static void SayWhatIsMissing(CommandContext context, FleetWindow window, TimeSpan length)
    {
        string time = DurationText.Show(TimeSpan.FromSeconds(Math.Max(1, Math.Round(length.TotalSeconds))));
        if (window.Workers.Count == 0)
            context.Output.Say($"No worker was heard within {time}: none runs, or they send no heartbeats; '{context.Definition.Name} inspect ping' asks them.");
        if (!window.SawTasks)
            context.Output.Say($"No event of a task was seen within {time}: no task ran, or events of tasks are off; '{context.Definition.Name} control enable-events' turns them on.");
    }
}
