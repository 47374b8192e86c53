using Essaim.Conformance;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>The feed of completions: entries of many, read in pages of any size.</summary>
public sealed class CompletionFeedTests(OwnServer server) : BackendConformance, IClassFixture<OwnServer>
{
    private const int MostKept = 100_000;

    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(1000)]
    public async Task Read_InPages_NothingIsSkippedOrRepeated(int max)
    {
        string[] completed = await CompleteAsync(25, 1, 7, 1, 1, 30);

        List<FeedEntry> read = [];
        while (await Backend.Results.ReadCompletionsAsync(read.Count == 0 ? 0 : read[^1].Position, max, Stop) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= max && page[0].Position > (read.Count == 0 ? 0 : read[^1].Position));
            read.AddRange(page);
        }

        Assert.Equal(completed, read.Select(entry => entry.Completion.TaskId));
        Assert.Equal(Enumerable.Range(1, completed.Length).Select(i => (long)i), read.Select(entry => entry.Position));
    }

    [Fact]
    public async Task Read_ManyEntries_GivesAllThatIsAsked()
    {
        string[] completed = await CompleteAsync([.. Enumerable.Repeat(1, 20), 3, .. Enumerable.Repeat(2, 20)]);

        IReadOnlyList<FeedEntry> read = await Backend.Results.ReadCompletionsAsync(0, completed.Length, Stop);

        Assert.Equal(completed, read.Select(entry => entry.Completion.TaskId));
    }

    [Fact]
    public async Task Read_FromAnyPosition_BeginsWithTheNext()
    {
        string[] completed = await CompleteAsync(10, 1, 10);

        for (int position = 0; position < completed.Length; position++)
        {
            FeedEntry next = (await Backend.Results.ReadCompletionsAsync(position, 4, Stop))[0];
            Assert.Equal((position + 1, completed[position]), (next.Position, next.Completion.TaskId));
        }

        Assert.Empty(await Backend.Results.ReadCompletionsAsync(completed.Length, 4, Stop));
    }

    [Fact]
    public async Task Settle_FeedIsFull_TheOldestGo()
    {
        const int Each = 2000;
        int total = 0;
        Outgoing outgoing = new([.. Enumerable.Range(0, Each).Select(_ => Message())], []);
        while (total < MostKept + 2 * Each)
        {
            await Broker.PublishAsync(outgoing, Stop);
            await CompleteAllAsync(await ClaimAllAsync(Each));
            total += Each;
        }

        FeedEntry oldest = Assert.Single(await Backend.Results.ReadCompletionsAsync(0, 1, Stop));
        Assert.InRange(oldest.Position, total - MostKept - 512, total - MostKept + 1);
        Assert.Equal(total, Assert.Single(await Backend.Results.ReadCompletionsAsync(total - 1, 10, Stop)).Position);
        Assert.Equal(oldest.Position + 1, Assert.Single(await Backend.Results.ReadCompletionsAsync(oldest.Position, 1, Stop)).Position);
    }

    /// <summary>Completes tasks, so many in each call; returns their ids in order.</summary>
    private async Task<string[]> CompleteAsync(params int[] counts)
    {
        List<string> completed = [];
        foreach (int count in counts)
        {
            await Broker.PublishAsync(new Outgoing([.. Enumerable.Range(0, count).Select(_ => Message())], []), Stop);
            IReadOnlyList<Delivery> deliveries = await ClaimAllAsync(count);
            await CompleteAllAsync(deliveries);
            completed.AddRange(deliveries.Select(delivery => delivery.TaskId));
        }

        return [.. completed];
    }

    private async Task CompleteAllAsync(IReadOnlyList<Delivery> deliveries)
    {
        IReadOnlyList<SettleOutcome> outcomes = await Broker.SettleAsync(
            [
                .. deliveries.Select(delivery => new Settlement
                {
                    Lease = delivery.Lease,
                    Action = SettleAction.Complete,
                    Completion = Completed(delivery.TaskId, TaskState.Success),
                }),
            ],
            Stop);
        Assert.DoesNotContain(SettleOutcome.StaleLease, outcomes);
    }
}
