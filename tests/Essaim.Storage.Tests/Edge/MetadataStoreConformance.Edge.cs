using Essaim.Edge;

namespace Essaim.Storage.Tests;

public abstract partial class MetadataStoreConformance
{
    [Fact]
    public async Task AddDevice_TwiceAndAfterRevocation_IsOneDevice()
    {
        Assert.True(await Store.Edge.AddDeviceAsync("slot-02", "North", "hash2", "ada", At(0), Stop));
        Assert.True(await Store.Edge.AddDeviceAsync("slot-01", null, "hash1", "ada", At(1), Stop));
        Assert.False(await Store.Edge.AddDeviceAsync("slot-01", "again", "other", "bob", At(2), Stop));
        await ReopenAsync();

        Assert.Equal(
            [new DeviceRecord("slot-01", null, "hash1", At(1), 0, "{}", null, null, null), new DeviceRecord("slot-02", "North", "hash2", At(0), 0, "{}", null, null, null)],
            await Store.Edge.ListDevicesAsync(Stop));
        Assert.True(await Store.Edge.RevokeDeviceAsync("slot-01", "bob", At(3), Stop));
        Assert.False(await Store.Edge.RevokeDeviceAsync("slot-01", "bob", At(4), Stop));
        Assert.Equal(["slot-02"], (await Store.Edge.ListDevicesAsync(Stop)).Select(device => device.Id));
        Assert.True(await Store.Edge.AddDeviceAsync("slot-01", "back", "hash3", "ada", At(5), Stop));
        Assert.Equal("hash3", (await Store.Edge.ListDevicesAsync(Stop))[0].PasswordHash);
        Assert.Equal(
            [
                new AuditRecord(4, At(5), "ada", "device.add", "slot-01", "back"), new AuditRecord(3, At(3), "bob", "device.revoke", "slot-01", null),
                new AuditRecord(2, At(1), "ada", "device.add", "slot-01", null),
            ],
            await Store.Edge.ListAuditAsync(3, Stop));
    }

    [Fact]
    public async Task SetConfig_EachTime_IsANewVersionAlsoAfterRevocation()
    {
        await Store.Edge.AddDeviceAsync("a", null, "h", "ada", At(0), Stop);

        Assert.Equal(1, await Store.Edge.SetConfigAsync("a", """{"label":"x"}""", "ada", At(1), Stop));
        Assert.Equal(2, await Store.Edge.SetConfigAsync("a", """{"label":"y"}""", "ada", At(2), Stop));
        Assert.Null(await Store.Edge.SetConfigAsync("b", "{}", "ada", At(3), Stop));
        await Store.Edge.ReportConfigAsync("a", 1, "rejected", "why", Stop);

        Assert.Equal(new DeviceRecord("a", null, "h", At(0), 2, """{"label":"y"}""", 1, "rejected", "why"), Assert.Single(await Store.Edge.ListDevicesAsync(Stop)));
        await Store.Edge.RevokeDeviceAsync("a", "ada", At(4), Stop);
        await Store.Edge.AddDeviceAsync("a", null, "h", "ada", At(5), Stop);
        Assert.Equal(3, await Store.Edge.SetConfigAsync("a", "{}", "ada", At(6), Stop));
    }

    [Fact]
    public async Task Rounds_Steps_HappenOnceAndAreAudited()
    {
        Assert.Null(await Store.Edge.CurrentRoundAsync(Stop));
        RoundRecord first = (await Store.Edge.OpenRoundAsync(9, "Who?", "ada", At(0), Stop))!;
        Assert.Equal(new RoundRecord(1, 1, "open", 9, 0, "Who?", At(0), "ada", null, null), first);
        Assert.Null(await Store.Edge.OpenRoundAsync(9, null, "ada", At(1), Stop));
        Assert.Equal(first with { Revision = 2, State = "closed", ClosedAt = At(2) }, await Store.Edge.CloseRoundAsync(1, "ada", At(2), Stop));
        Assert.Null(await Store.Edge.CloseRoundAsync(1, "ada", At(3), Stop));
        Assert.Equal(2, (await Store.Edge.OpenRoundAsync(3, null, "ada", At(4), Stop))!.Id);
        Assert.Equal(first with { Revision = 3, State = "void", ClosedAt = At(2), Reason = "wrong" }, await Store.Edge.VoidRoundAsync(1, "wrong", "bob", At(5), Stop));
        Assert.Null(await Store.Edge.VoidRoundAsync(1, "again", "bob", At(6), Stop));
        Assert.Null(await Store.Edge.VoidRoundAsync(7, "none", "bob", At(7), Stop));
        await ReopenAsync();

        Assert.Equal(2, (await Store.Edge.CurrentRoundAsync(Stop))!.Id);
        Assert.Equal([2L, 1L], (await Store.Edge.ListRoundsAsync(10, null, Stop)).Select(round => round.Id));
        Assert.Equal([2L], (await Store.Edge.ListRoundsAsync(1, null, Stop)).Select(round => round.Id));
        Assert.Equal([1L], (await Store.Edge.ListRoundsAsync(10, 2, Stop)).Select(round => round.Id));
        Assert.Equal("void", (await Store.Edge.GetRoundAsync(1, Stop))!.State);
        Assert.Equal(["round.void 1", "round.open 2", "round.close 1", "round.open 1"], (await Store.Edge.ListAuditAsync(10, Stop)).Select(entry => $"{entry.Action} {entry.Target}"));
    }

    [Fact]
    public async Task TakeVotes_LastExpected_ClosesTheRoundAndLaterOnesAreLate()
    {
        await Store.Edge.OpenRoundAsync(2, null, "ada", At(0), Stop);

        VoteBatchResult result = await Store.Edge.TakeVotesAsync([Vote("a", 1), Vote("b", 1), Vote("c", 1), Vote("a", 1), Vote("a", 1) with { Hash = "other" }, Vote("a", 2, round: null)], At(1), Stop);

        Assert.Equal(["counted", "counted", "late", "counted", "conflict", "late"], result.Outcomes.Select(outcome => outcome.Verdict));
        Assert.Equal([1L, 1, 1, 1, 1, 2], result.Outcomes.Select(outcome => outcome.Highest));
        Assert.Equal(new RoundRecord(1, 3, "closed", 2, 2, null, At(0), "ada", At(1), null), result.ChangedRound);
        Assert.Null((await Store.Edge.TakeVotesAsync([Vote("a", 1)], At(2), Stop)).ChangedRound);
        Assert.Equal(["a counted", "b counted", "c late"], (await Store.Edge.ListVotesAsync(1, Stop)).Select(vote => $"{vote.Slot} {vote.Verdict}"));
    }

    [Fact]
    public async Task TakeVotes_AnySequence_IsAsTheRulesHaveIt()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            Random random = new(seed);
            VoteLedger model = new();
            // Numbers of rounds go on in the store, from one seed to the next.
            long offset = (await Store.Edge.CurrentRoundAsync(Stop))?.Id ?? 0;
            if (offset > 0)
                await Store.Edge.CloseRoundAsync(offset, "ada", At(0), Stop);
            for (int step = 0; step < 300; step++)
            {
                switch (random.Next(20))
                {
                    case 0:
                        RoundRecord? opened = await Store.Edge.OpenRoundAsync(3, null, "ada", At(step), Stop);
                        Round? expected = model.Open($"{(model.Current is null ? 1 : long.Parse(model.Current.Id, System.Globalization.CultureInfo.InvariantCulture) + 1)}", 3);
                        Assert.Equal(expected?.Id, opened is null ? null : $"{opened.Id - offset}");
                        break;
                    case 1:
                        if (model.Current is { } current)
                            Assert.Equal(model.Close() is null, await Store.Edge.CloseRoundAsync(long.Parse(current.Id, System.Globalization.CultureInfo.InvariantCulture) + offset, "ada", At(step), Stop) is null);
                        break;
                    default:
                        long? round = random.Next(8) == 0 || model.Current is null ? null : random.Next(1, model.Rounds.Count + 1);
                        SlotEvent vote = new()
                        {
                            Epoch = $"{seed}",
                            Sequence = random.Next(1, 120),
                            Kind = SlotEvent.Vote,
                            Choice = random.Next(30) == 0 ? "blue" : "red",
                            Round = $"{round}",
                        };
                        string slot = $"slot-{random.Next(3)}";
                        VoteOutcome outcome = (await Store.Edge.TakeVotesAsync(
                            [new VoteEntry(slot, vote.Epoch, vote.Sequence, VoteBody.Hash(vote), round + offset, vote.Choice, null, null, null)], At(step), Stop)).Outcomes[0];
                        Assert.Equal(model.Take(slot, vote).ToString(), outcome.Verdict, ignoreCase: true);
                        Assert.Equal(model.Highest(slot, vote.Epoch), outcome.Highest);
                        break;
                }
            }

            foreach (Round round in model.Rounds.Values)
            {
                RoundRecord kept = (await Store.Edge.GetRoundAsync(long.Parse(round.Id, System.Globalization.CultureInfo.InvariantCulture) + offset, Stop))!;
                Assert.Equal((round.State.ToString(), round.Votes, round.Revision), (kept.State[..1].ToUpperInvariant() + kept.State[1..], kept.Votes, kept.Revision));
            }
        }
    }

    private static VoteEntry Vote(string slot, long sequence, long? round = 1) => new(slot, "e", sequence, "hash", round, "red", "BTN_RED", "2026", 80);
}
