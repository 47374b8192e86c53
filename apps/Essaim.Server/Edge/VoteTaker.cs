using System.Globalization;
using System.Threading.Channels;
using Essaim.Edge;
using Essaim.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>Takes votes, as many in one transaction as have gathered while the last was under way; then answers them, and then tells of the round.</summary>
internal sealed partial class VoteTaker(IMetadataStore store, DeviceBoard board, TimeProvider time, ILogger<VoteTaker> logger) : BackgroundService
{
    private const int MostAtOnce = 256;
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(1);

    // What does not fit comes again: the slot repeats it until it is answered.
    private readonly Channel<(string Slot, SlotEvent Vote)> _votes = Channel.CreateBounded<(string Slot, SlotEvent Vote)>(10_000);

    /// <summary>Answers a slot.</summary>
    public Func<string, VoteAck, CancellationToken, Task> OnAnswer { get; set; } = static (_, _, _) => Task.CompletedTask;

    /// <summary>Is told that a round changed.</summary>
    public Func<CancellationToken, Task> OnRound { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Takes it when its turn comes.</summary>
    public void Add(string slot, SlotEvent vote) => _votes.Writer.TryWrite((slot, vote));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<(string Slot, SlotEvent Vote)> batch = [];
        while (await _votes.Reader.WaitToReadAsync(stoppingToken))
        {
            batch.Clear();
            while (batch.Count < MostAtOnce && _votes.Reader.TryRead(out (string Slot, SlotEvent Vote) vote))
                batch.Add(vote);
            if (await TryTakeAsync(batch, stoppingToken) || batch.Count == 1)
                continue;
            // One vote that cannot be kept must not hold up the others.
            foreach ((string Slot, SlotEvent Vote) vote in batch)
                await TryTakeAsync([vote], stoppingToken);
        }
    }

    private async Task<bool> TryTakeAsync(List<(string Slot, SlotEvent Vote)> batch, CancellationToken cancellationToken)
    {
        try
        {
            await TakeAsync(batch, cancellationToken);
            return true;
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            // Nothing was answered, so all of it comes again.
            LogFailed(batch.Count, error.Message);
            await Task.Delay(s_afterFailure, time, cancellationToken);
            return false;
        }
    }

    private async Task TakeAsync(List<(string Slot, SlotEvent Vote)> batch, CancellationToken cancellationToken)
    {
        VoteBatchResult result = await store.Edge.TakeVotesAsync([.. batch.Select(vote => Entry(vote.Slot, vote.Vote))], time.GetUtcNow(), cancellationToken);
        foreach (IGrouping<(string Slot, string Epoch), VoteOutcome> answered in result.Outcomes.GroupBy(outcome => (outcome.Vote.Slot, outcome.Vote.Epoch)))
        {
            VoteAck ack = new()
            {
                Epoch = answered.Key.Epoch,
                Sequences = [.. answered.Select(outcome => outcome.Vote.Sequence)],
                Verdicts = [.. answered.Select(outcome => Verdict(outcome))],
                Highest = answered.Max(outcome => outcome.Highest),
            };
            await OnAnswer(answered.Key.Slot, ack, cancellationToken);
        }

        if (result.ChangedRound is not null)
            await OnRound(cancellationToken);
        board.Changed();
    }

    private VoteVerdict Verdict(VoteOutcome outcome)
    {
        if (outcome.Verdict == "conflict")
            LogConflict(outcome.Vote.Slot, outcome.Vote.Epoch, outcome.Vote.Sequence);
        return outcome.Verdict switch
        {
            "counted" => VoteVerdict.Counted,
            "late" => VoteVerdict.Late,
            _ => VoteVerdict.Conflict,
        };
    }

    private static VoteEntry Entry(string slot, SlotEvent vote) => new(
        slot, vote.Epoch, vote.Sequence, VoteBody.Hash(vote), long.TryParse(vote.Round, NumberStyles.None, CultureInfo.InvariantCulture, out long round) ? round : null,
        vote.Choice, vote.Input, vote.At, vote.Age);

    [LoggerMessage(5300, LogLevel.Error, "{Count} votes could not be kept; the slots send them again. {Why}")]
    private partial void LogFailed(int count, string why);

    [LoggerMessage(5301, LogLevel.Error, "Slot {Slot} sent another vote as {Epoch}/{Sequence} than before; it will send it under a new number.")]
    private partial void LogConflict(string slot, string epoch, long sequence);
}
