using System.Globalization;
using Essaim.Protocol;
using Essaim.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>
/// Sends a task for every round that has closed, with its votes: once, also where the core dies in the middle. Void rounds send none. Rounds that
/// closed before it was asked for send none either.
/// </summary>
internal sealed partial class RoundTaskSender(
    EdgeOptions options, IMetadataStore store, DeviceBoard board, TaskSubmitter tasks, TaskClientOptions client, TimeProvider time, ILogger<RoundTaskSender> logger) : BackgroundService
{
    private const string Cursor = "rounds";
    private const int MostAtOnce = 200;
    private const string Counted = "counted";
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_unique = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            Task changed = board.ChangedAsync();
            try
            {
                await SendAsync(stoppingToken);
                failing = false;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                if (!failing)
                    LogFailure(options.RoundTask!, error.Message);
                failing = true;
            }

            await Task.WhenAny(changed, Task.Delay(s_again, time, stoppingToken));
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<RoundRecord> rounds = await store.Edge.ListRoundsAsync(MostAtOnce, null, cancellationToken);
        if (await store.Tasks.GetCursorAsync(Cursor, cancellationToken) is not { } done)
        {
            done = rounds.FirstOrDefault(round => round.State != "open")?.Id ?? 0;
            await MarkAsync(done, cancellationToken);
        }

        foreach (RoundRecord round in rounds.Where(round => round.Id > done).Reverse().TakeWhile(round => round.State != "open"))
        {
            if (round.State == "closed")
                await SendAsync(round, cancellationToken);
            await MarkAsync(round.Id, cancellationToken);
        }
    }

    private async Task SendAsync(RoundRecord round, CancellationToken cancellationToken)
    {
        Dictionary<string, object?> kwargs = new()
        {
            ["round"] = round.Id,
            ["question"] = round.Question,
            ["expected"] = round.Expected,
            ["opened_at"] = round.OpenedAt,
            ["closed_at"] = round.ClosedAt,
            ["votes"] = (await store.Edge.ListVotesAsync(round.Id, cancellationToken)).Where(vote => vote.Verdict == Counted)
                .Select(vote => new { slot = vote.Slot, choice = vote.Choice, at = vote.ArrivedAt }).ToArray(),
        };
        // Under the key nothing is sent twice, should the core die before it is marked. Numbers of rounds come again where a core begins anew.
        string key = string.Create(CultureInfo.InvariantCulture, $"round:{round.Id}:{round.OpenedAt.UtcTicks}");
        EnqueueOptions how = new() { TaskId = Guid.NewGuid().ToString(), Queue = QueueOf(options.RoundTask!), UniqueKey = key, UniqueFor = s_unique, UniqueUntil = UniqueUntil.Elapsed };
        PreparedTask task = new(new TaskCall(options.RoundTask!, [], kwargs, how), false, RawJson.Parse("[]"), RawJson.From(kwargs));
        IReadOnlyList<TaskReceipt> sent = await tasks.SubmitAsync("default", [task], cancellationToken);
        LogSent(round.Id, options.RoundTask!, sent[0].Id);
    }

    private string QueueOf(string name) => client.FindRoute(name) ?? client.FindDefaultQueue();

    private async Task MarkAsync(long round, CancellationToken cancellationToken) =>
        await store.Tasks.RecordAsync(new HistoryBatch([], [], (Cursor, round)), cancellationToken);

    [LoggerMessage(5310, LogLevel.Information, "Round {Round} has closed: sent task {Task} {Id}.")]
    private partial void LogSent(long round, string task, string id);

    [LoggerMessage(5311, LogLevel.Warning, "The task {Task} of a closed round could not be sent; it is tried again. {Why}")]
    private partial void LogFailure(string task, string why);
}
