namespace Essaim.Tests.Workers;

public sealed class AutoscalerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Autoscaler _autoscaler = new(min: 1, max: 4, downAfter: TimeSpan.FromSeconds(30));

    [Theory]
    [InlineData(1, 1, 1, 1, "1 waiting for 0 idle of 1 slots")]
    [InlineData(1, 1, 100, 3, "100 waiting for 0 idle of 1 slots")]
    [InlineData(2, 1, 3, 2, "3 waiting for 1 idle of 2 slots")]
    [InlineData(0, 0, 0, 1, "0 of at least 1 slots")]
    public void Decide_MoreWaitsThanIsIdle_GoesUpAtOnce(int slots, int busy, long waiting, int change, string reason) =>
        Assert.Equal(new ScaleDecision(change, reason), _autoscaler.Decide(Start, slots, busy, waiting));

    [Theory]
    [InlineData(4, 4, 100)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 0, 0)]
    public void Decide_AtTheMostOrEnoughIdle_StaysAsItIs(int slots, int busy, long waiting) =>
        Assert.Null(_autoscaler.Decide(Start, slots, busy, waiting));

    [Fact]
    public void Decide_IdleSlots_GoDownOneAtATimeEachAfterASpell()
    {
        Assert.Null(_autoscaler.Decide(Start, 3, 0, 0));
        Assert.Null(_autoscaler.Decide(Start.AddSeconds(29), 3, 0, 0));
        Assert.Equal(new ScaleDecision(-1, "3 of 3 slots idle for 30 s"), _autoscaler.Decide(Start.AddSeconds(30), 3, 0, 0));
        Assert.Null(_autoscaler.Decide(Start.AddSeconds(31), 2, 0, 0));
        Assert.Equal(-1, _autoscaler.Decide(Start.AddSeconds(60), 2, 0, 0)?.Change);
        Assert.Null(_autoscaler.Decide(Start.AddSeconds(600), 1, 0, 0));
    }

    [Fact]
    public void Decide_WorkComesInTheIdleSpell_TheSpellBeginsAnew()
    {
        Assert.Null(_autoscaler.Decide(Start, 2, 1, 0));
        Assert.Null(_autoscaler.Decide(Start.AddSeconds(20), 2, 2, 0));
        Assert.Null(_autoscaler.Decide(Start.AddSeconds(40), 2, 1, 0));
        Assert.Null(_autoscaler.Decide(Start.AddSeconds(69), 2, 1, 0));
        Assert.Equal(-1, _autoscaler.Decide(Start.AddSeconds(70), 2, 1, 0)?.Change);
    }
}
