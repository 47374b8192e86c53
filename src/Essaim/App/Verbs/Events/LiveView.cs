using Spectre.Console;

namespace Essaim;

/// <summary>Workers and the latest tasks on the terminal, redrawn at most four times a second.</summary>
internal sealed class LiveView : IEventView
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly LiveFleet _fleet = new();
    private readonly CancellationTokenSource _end = new();
    private readonly string _broker;
    private readonly Task _drawing;

    public LiveView(string broker)
    {
        _broker = broker;
        _drawing = AnsiConsole.Live(Draw()).StartAsync(DrawAsync);
    }

    public void Show(EventRecord record) => _fleet.Add(record);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _drawing;
        _end.Dispose();
    }

    private async Task DrawAsync(LiveDisplayContext display)
    {
        using PeriodicTimer timer = new(Pause, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
                display.UpdateTarget(Draw());
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            display.UpdateTarget(Draw());
        }
    }

    private Rows Draw() => new(
        new Text($"{_broker}  (Ctrl-C ends)"),
        Make(["WORKER", "STATE", "ACTIVE", "PROCESSED", "HEARD"], _fleet.Workers()),
        Make(["AT", "TASK", "NAME", "STATE", "WORKER", ""], _fleet.Tasks()));

    private static Table Make(string[] headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string header in headers)
            table.AddColumn(new TableColumn(new Text(header)) { NoWrap = true });
        foreach (IReadOnlyList<string> row in rows)
            table.AddRow(row.Select(cell => new Text(cell) { Overflow = Overflow.Ellipsis }));
        return table;
    }
}
