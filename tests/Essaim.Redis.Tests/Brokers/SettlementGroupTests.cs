using Essaim.Conformance;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>Plain ends of one claim are settled as one: whatever is mixed into the call, each end happens once.</summary>
public sealed class SettlementGroupTests(OwnServer server) : BackendConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    [Fact]
    public async Task Settle_OneStaleAmongSeveralClaims_AllOthersAreSettledOnce()
    {
        List<Settlement> settlements = await ClaimEndingsAsync(10, 10, 10);
        // Every third keeps no result.
        for (int i = 0; i < 30; i += 3)
            settlements[i] = settlements[i] with { Results = [] };
        Assert.Equal(SettleOutcome.Settled, await SettleAsync(settlements[14]));

        IReadOnlyList<SettleOutcome> outcomes = await Broker.SettleAsync(settlements, Stop);

        Assert.Equal([14], Stale(outcomes));
        await AssertEachOnceAsync(settlements);
        Assert.All(await Broker.SettleAsync(settlements, Stop), outcome => Assert.Equal(SettleOutcome.StaleLease, outcome));
        await AssertEachOnceAsync(settlements);
        Assert.Empty(await KeysAsync("essaim:clai*"));
    }

    [Fact]
    public async Task Settle_ClaimRanOut_OnlyItsEndsAreStale()
    {
        List<Settlement> lost = await ClaimEndingsAsync(5);
        Time.Advance(TimeSpan.FromSeconds(31));
        Settlement[] again = [.. EndingsOf(await ClaimAllAsync(5))];
        List<Settlement> held = await ClaimEndingsAsync(5);

        IReadOnlyList<SettleOutcome> outcomes = await Broker.SettleAsync([.. lost, .. held], Stop);

        Assert.Equal([0, 1, 2, 3, 4], Stale(outcomes));
        await AssertEachOnceAsync(held);
        Assert.All(await Backend.Results.GetManyAsync([.. lost.Select(IdOf)], Stop), Assert.Null);
        Assert.All(await Broker.SettleAsync(again, Stop), outcome => Assert.Equal(SettleOutcome.Settled, outcome));
        await AssertEachOnceAsync([.. held, .. again]);
    }

    [Fact]
    public async Task Settle_TheSameTwiceInOneCall_IsSettledOnce()
    {
        List<Settlement> settlements = await ClaimEndingsAsync(10);

        IReadOnlyList<SettleOutcome> outcomes = await Broker.SettleAsync([.. settlements, settlements[3], settlements[7]], Stop);

        Assert.Equal([10, 11], Stale(outcomes));
        await AssertEachOnceAsync(settlements);
    }

    [Fact]
    public async Task Settle_PlainAndOthersOfOneClaim_EachDoesItsOwn()
    {
        List<Settlement> settlements = await ClaimEndingsAsync(12);
        settlements[2] = settlements[2] with { Publish = Outgoing.Of(Message("next", "follow-up")) };
        settlements[5] = new Settlement { Lease = settlements[5].Lease, Action = SettleAction.Requeue };
        settlements[8] = settlements[8] with { Action = SettleAction.DeadLetter, Reason = "It was bad.", Results = [] };

        IReadOnlyList<SettleOutcome> outcomes = await Broker.SettleAsync(settlements, Stop);

        Assert.Empty(Stale(outcomes));
        await AssertEachOnceAsync([.. settlements.Where(settlement => settlement.Completion is not null)]);
        Assert.Equal("follow-up", (await ClaimOneAsync("next")).TaskId);
        Assert.Equal("task-6", (await ClaimOneAsync()).TaskId);
        Assert.Equal(settlements[8].Completion!.TaskId, Assert.Single(await Broker.GetDeadLettersAsync(10, Stop)).TaskId);
    }

    [Fact]
    public async Task Settle_PiecesOfAClaimInAnyOrder_AllOfItEnds()
    {
        List<Settlement> settlements = await ClaimEndingsAsync(40);

        Assert.Empty(Stale(await Broker.SettleAsync([.. settlements.Where((_, i) => i % 3 == 0).Reverse()], Stop)));
        Assert.Empty(Stale(await Broker.SettleAsync([.. settlements.Where((_, i) => i % 3 == 2)], Stop)));
        IReadOnlyList<SettleOutcome> rest = await Broker.SettleAsync([.. settlements.AsEnumerable().Reverse()], Stop);

        Assert.Equal(13, rest.Count(outcome => outcome == SettleOutcome.Settled));
        Assert.All(rest.Reverse().Index(), pair => Assert.Equal(pair.Index % 3 == 1, pair.Item == SettleOutcome.Settled));
        await AssertEachOnceAsync(settlements);
        Assert.Empty(await KeysAsync("essaim:clai*"));
    }

    [Fact]
    public async Task Settle_MoreThanOneCallTakes_EachIsSettledOnce()
    {
        List<Settlement> settlements = await ClaimEndingsAsync(700, 500);
        int[] before = [0, 511, 512, 1199];
        Assert.Empty(Stale(await Broker.SettleAsync([.. before.Select(i => settlements[i])], Stop)));

        IReadOnlyList<SettleOutcome> outcomes = await Broker.SettleAsync(settlements, Stop);

        Assert.Equal(before, Stale(outcomes));
        await AssertEachOnceAsync(settlements);
    }

    [Fact]
    public async Task Settle_ResultsKeptForDifferentTimes_EachForItsOwn()
    {
        TimeSpan?[] kept = [TimeSpan.FromHours(1), null, TimeSpan.FromHours(2), TimeSpan.FromHours(1), null];
        List<Settlement> settlements = await ClaimEndingsAsync(5);
        for (int i = 0; i < 5; i++)
            settlements[i] = settlements[i] with { Results = [settlements[i].Results[0] with { ExpiresAfter = kept[i] }] };

        await Broker.SettleAsync(settlements, Stop);

        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        for (int i = 0; i < 5; i++)
        {
            long left = (await client.SendAsync(new RespCommand("PTTL").Add(OwnServer.Keys.Result(IdOf(settlements[i]))), Stop)).AsInteger();
            if (kept[i] is { } span)
                Assert.InRange(left, (long)span.TotalMilliseconds - 60_000, (long)span.TotalMilliseconds);
            else
                Assert.Equal(-1, left);
        }
    }

    [Fact]
    public async Task Settle_ReadyAndPassingResultsAreThere_OnlyPassingOnesAreReplaced()
    {
        List<Settlement> settlements = await ClaimEndingsAsync(10);
        await Backend.Results.SetAsync(Result(IdOf(settlements[4]), TaskState.Revoked), Stop);
        await Backend.Results.SetAsync(Result(IdOf(settlements[5]), TaskState.Started), Stop);

        Assert.Empty(Stale(await Broker.SettleAsync(settlements, Stop)));

        IReadOnlyList<ResultDocument?> stored = await Backend.Results.GetManyAsync([.. settlements.Select(IdOf)], Stop);
        Assert.All(stored.Index(), pair => Assert.Equal(pair.Index == 4 ? TaskState.Revoked : TaskState.Success, pair.Item!.State));
    }

    /// <summary>Plain ends of new messages, claimed so many at a time.</summary>
    private async Task<List<Settlement>> ClaimEndingsAsync(params int[] claims)
    {
        await Broker.PublishAsync(new Outgoing([.. Enumerable.Range(0, claims.Sum()).Select(_ => Message())], []), Stop);
        List<Settlement> settlements = [];
        foreach (int count in claims)
            settlements.AddRange(EndingsOf(await ClaimAllAsync(count)));
        Assert.Equal(claims.Sum(), settlements.Count);
        return settlements;
    }

    private IEnumerable<Settlement> EndingsOf(IReadOnlyList<Delivery> deliveries) => deliveries.Select((delivery, i) => new Settlement
    {
        Lease = delivery.Lease,
        Action = SettleAction.Complete,
        Results = [Result(delivery.TaskId, TaskState.Success, i)],
        Completion = Completed(delivery.TaskId, TaskState.Success),
    });

    private static string IdOf(Settlement settlement) => settlement.Completion!.TaskId;

    private static IEnumerable<int> Stale(IReadOnlyList<SettleOutcome> outcomes) =>
        outcomes.Index().Where(pair => pair.Item == SettleOutcome.StaleLease).Select(pair => pair.Index);

    /// <summary>Nothing has completed but these, each once, and each has the result it was given, or none.</summary>
    private async Task AssertEachOnceAsync(params List<Settlement> settlements)
    {
        IReadOnlyList<FeedEntry> entries = await Backend.Results.ReadCompletionsAsync(0, 10_000, Stop);
        Assert.Equal(Enumerable.Range(1, settlements.Count).Select(i => (long)i), entries.Select(entry => entry.Position));
        Assert.Equal(
            settlements.OrderBy(IdOf, StringComparer.Ordinal).Select(settlement => settlement.Completion),
            entries.Select(entry => entry.Completion).OrderBy(completion => completion.TaskId, StringComparer.Ordinal));
        IReadOnlyList<ResultDocument?> stored = await Backend.Results.GetManyAsync([.. settlements.Select(IdOf)], Stop);
        foreach ((int i, Settlement settlement) in settlements.Index())
            Assert.Equal(settlement.Results is [var write] ? write.Document.ToArray() : null, stored[i]?.Encode());
    }

    private async Task<string[]> KeysAsync(string pattern)
    {
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        return (await client.SendAsync(new RespCommand("KEYS").Add(pattern), Stop)).AsTexts();
    }
}
