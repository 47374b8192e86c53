namespace Essaim.Edge.Tests;

public sealed class SimulatedNightTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Night_WhateverIsLostAndCut_EveryAcceptedVoteIsTakenOnce(bool withRollbacks)
    {
        (int accepted, int crashes, int rollbacks, int conflicts, int closed) = (0, 0, 0, 0, 0);
        for (int seed = 0; seed < 60; seed++)
        {
            SimulatedNight night = new(seed, slots: 5);
            night.Run(3000, withRollbacks);
            night.Settle();

            string where = $"seed {seed}";
            List<string> taken = [.. night.Taken];
            Assert.True(night.Unanswered == 0, where);
            Assert.True(taken.Distinct().Count() == taken.Count, $"{where}: taken twice {string.Join(',', taken.GroupBy(nonce => nonce).Where(group => group.Count() > 1).Select(group => group.Key))}");
            Assert.True(night.Accepted.IsSubsetOf(taken), $"{where}: lost {string.Join(',', night.Accepted.Except(taken))}");
            Assert.True(night.Ledger.Rounds.Values.All(round => round.State == RoundState.Open ? round.Votes < 9 : round.Votes == 9), where);
            Assert.True(withRollbacks || night.Ledger.Conflicts == 0, where);
            accepted += night.Accepted.Count;
            crashes += night.Crashes;
            rollbacks += night.Rollbacks;
            conflicts += night.Ledger.Conflicts;
            closed += night.Ledger.Rounds.Values.Count(round => round.State == RoundState.Closed);
        }

        Assert.True(accepted > 10_000 && crashes > 1000 && closed > 200, $"{accepted} accepted, {crashes} crashes, {closed} rounds closed");
        Assert.True(!withRollbacks || (rollbacks > 500 && conflicts > 100), $"{rollbacks} rollbacks, {conflicts} conflicts");
    }
}
