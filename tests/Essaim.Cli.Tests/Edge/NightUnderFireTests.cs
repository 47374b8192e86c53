using System.Globalization;
using Essaim.Edge.Tests;

namespace Essaim.Cli.Tests;

public sealed class NightUnderFireTests
{
    /// <summary>Longer by <c>ESSAIM_EDGE_SECONDS</c>.</summary>
    private static int Seconds => int.TryParse(Environment.GetEnvironmentVariable("ESSAIM_EDGE_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : 40;

    [BrokerFact]
    public async Task Night_BrokerCoreAndSlotsKilled_EveryAcceptedVoteCountsOnce()
    {
        await using NightUnderFire night = new(Random.Shared.Next(), slots: 3);
        await night.StartAsync();

        await night.RunAsync(TimeSpan.FromSeconds(Seconds));
        await night.SettleAsync();

        List<string> taken = night.Taken();
        string figures = $"{night.Accepted.Count} accepted, {night.Unknown.Count} unanswered, {taken.Count} taken, {night.ClosedRounds()} rounds closed; killed: broker {night.BrokerKills}, slots {night.SlotKills}, core {night.CoreKills}";
        TestContext.Current.TestOutputHelper?.WriteLine(figures);
        Assert.Empty(taken.GroupBy(nonce => nonce).Where(group => group.Count() > 1).Select(group => group.Key));
        Assert.Empty(night.Accepted.Except(taken));
        Assert.Empty(taken.Except(night.Accepted).Except(night.Unknown));
        Assert.Empty(night.WrongRounds());
        Assert.True(night.Accepted.Count > 100 && night.ClosedRounds() > 3 && night.BrokerKills > 3 && night.SlotKills + night.CoreKills > 1, figures);
    }
}
