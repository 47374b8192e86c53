using System.CommandLine;
using System.Globalization;

namespace Essaim;

/// <summary><c>placement advise</c>: which placement would finish the present load sooner.</summary>
internal sealed class PlacementAdviseCommand : AppCommand
{
    private const int MostAtOnce = 1000;
    private static readonly string[] Headers = ["PLACEMENT", "DONE IN", "AGAINST NOW", "NODES AND QUEUES"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Option<int> _last = new("--last") { HelpName = "N", Description = "Runs to go by", DefaultValueFactory = _ => 20_000 };

    public PlacementAdviseCommand()
        : base("advise", "Foretells, from measured run times, which placement would finish the present load sooner, and by how much.")
    {
        Add(_last);
        Examples = ["placement advise", "placement advise --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        IReadOnlyList<PlacementNode> nodes = PlacementFleet.Read(
            await backend.Control.CallAsync(new ControlRequest("stats", Protocol.RawJson.EmptyObject), Patience, cancellationToken));
        if (nodes.Count == 0)
            throw new AppException("ESS4020", "No worker of Essaim's answered within 1 s, so there is nothing to place. Are workers running on this broker?", ExitCodes.NotFound);
        Dictionary<string, long> load = (await backend.Broker.GetQueuesAsync(cancellationToken)).ToDictionary(queue => queue.Name, queue => queue.Ready, StringComparer.Ordinal);
        RunTimes times = await ReadTimesAsync(backend.Results, context.GetValue(_last), cancellationToken);
        Placement now = Placement.Read((await backend.Configuration.ReadAsync(cancellationToken))?.Document);

        PlacementAdvisor advisor = new(nodes, load, times);
        PlacementForecast current = advisor.Forecast(now.IsSpecialised ? "specialised (now)" : "everyone (now)", now);
        List<PlacementForecast> forecasts = [current];
        if (now.IsSpecialised)
            forecasts.Add(advisor.Forecast("everyone", Placement.Everyone));
        forecasts.Add(advisor.Forecast("specialised (proposed)", advisor.Propose()));
        Write(context, forecasts, current, nodes.Count, load, times.Count);
        return ExitCodes.Ok;
    }

    private static void Write(
        CommandContext context, IReadOnlyList<PlacementForecast> forecasts, PlacementForecast now, int nodes, Dictionary<string, long> load, int measured)
    {
        if (context.Output.IsJson)
        {
            context.Output.Json(new
            {
                waiting = load.Values.Sum(),
                nodes,
                measured,
                forecasts = forecasts.Select(one => new { name = one.Name, seconds = one.Seconds, unserved = one.Unserved, placement = one.Placement.ToJson() }),
            });
            return;
        }

        context.Output.Say(string.Create(
            CultureInfo.InvariantCulture, $"{load.Values.Sum()} messages wait, {nodes} nodes, {measured} runs measured. Nothing new is reckoned with."));
        context.Output.Table(Headers, [.. forecasts.Select(one => Row(one, now))]);
        if (measured == 0)
            context.Output.Say("No run was measured yet: every task was taken to be as long as any other, everywhere.");
    }

    private static IReadOnlyList<string> Row(PlacementForecast forecast, PlacementForecast now) =>
    [
        forecast.Name,
        forecast.Seconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s") : $"never: nobody serves {string.Join(", ", forecast.Unserved)}",
        (forecast.Seconds, now.Seconds) switch
        {
            _ when forecast == now => "-",
            ({ } then, > 0 and { } today) => string.Create(CultureInfo.InvariantCulture, $"{then - today:+0.0;-0.0;0.0} s ({(then - today) / today:+0 %;-0 %;0 %})"),
            _ => "-",
        },
        string.Join("; ", forecast.Placement.Groups.Select(group => $"{group.Match}: {string.Join(',', group.Queues)}")) is { Length: > 0 } groups ? groups : "as started",
    ];

    private static async Task<RunTimes> ReadTimesAsync(IResultStore results, int last, CancellationToken cancellationToken)
    {
        Queue<Completion> latest = new();
        for (long position = 0; ;)
        {
            IReadOnlyList<FeedEntry> page = await results.ReadCompletionsAsync(position, MostAtOnce, cancellationToken);
            foreach (FeedEntry entry in page.Where(entry => entry.Completion is { Runtime.Ticks: > 0, Worker.Length: > 0 }))
            {
                latest.Enqueue(entry.Completion);
                if (latest.Count > last)
                    latest.Dequeue();
            }

            if (page.Count < MostAtOnce)
                break;
            position = page[^1].Position;
        }

        RunTimes times = new();
        foreach (Completion completion in latest)
            times.Add(completion.Queue, completion.TaskName, completion.Worker, completion.Runtime);
        return times;
    }
}
