namespace Essaim.Tests.Workers;

public sealed class AutoscalerTests
{
    private static readonly TimeSpan Wish = TimeSpan.FromSeconds(1);
    private readonly Autoscaler _autoscaler = new(downAfter: TimeSpan.FromSeconds(30));

    [Theory]
    [InlineData(1, 1, 1, 2, "1 waiting, oldest 0.4 s")]
    [InlineData(1, 1, 100, 4, "100 waiting, oldest 0.4 s")]
    [InlineData(2, 1, 3, 4, "3 waiting, oldest 0.4 s")]
    [InlineData(0, 0, 0, 1, "0 of at least 1 slots")]
    public void Decide_MoreWaitsThanIsIdle_GoesUpAtOnce(int slots, int busy, long waiting, int to, string reason) =>
        Assert.Equal(new ScaleDecision(slots, to, reason), _autoscaler.Decide(At(0, slots, busy, waiting)));

    [Theory]
    [InlineData(4, 4, 100)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 0, 0)]
    public void Decide_AtTheMostOrEnoughIdle_StaysAsItIs(int slots, int busy, long waiting) => Assert.Null(_autoscaler.Decide(At(0, slots, busy, waiting)));

    [Theory]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(31, 4)]
    public void Decide_RuntimeIsKnown_AsManyAsLetAllBeginWithinTheWish(long waiting, int slots)
    {
        ScaleInputs inputs = At(0, 1, 1, waiting) with { Runtime = TimeSpan.FromSeconds(0.1) };

        Assert.Equal(slots, _autoscaler.Decide(inputs)?.To ?? 1);
    }

    [Fact]
    public void Decide_WishOfAQueueIsShorter_MoreSlotsAreWanted()
    {
        ScaleInputs inputs = At(0, 1, 1, 0) with
        {
            Runtime = TimeSpan.FromSeconds(0.1),
            Backlog = [new QueueBacklog(5, TimeSpan.Zero, TimeSpan.FromSeconds(0.2)), new QueueBacklog(5, TimeSpan.Zero, TimeSpan.FromHours(1))],
        };

        Assert.Equal(3, _autoscaler.Decide(inputs)?.To);
    }

    [Fact]
    public void Decide_SomethingWaitsLongerThanItsWish_OneSlotForEach()
    {
        ScaleInputs inputs = At(0, 1, 1, 0) with { Runtime = TimeSpan.FromSeconds(0.01), Backlog = [new QueueBacklog(3, TimeSpan.FromSeconds(4.1), Wish)] };

        Assert.Equal(new ScaleDecision(1, 4, "3 waiting, oldest 4.1 s"), _autoscaler.Decide(inputs));
    }

    [Fact]
    public void Decide_IdleSlots_GoDownOneAtATimeEachAfterASpell()
    {
        Assert.Null(_autoscaler.Decide(At(0, 3, 0, 0)));
        Assert.Null(_autoscaler.Decide(At(29, 3, 0, 0)));
        Assert.Equal(new ScaleDecision(3, 2, "3 of 3 slots idle for 30 s"), _autoscaler.Decide(At(30, 3, 0, 0)));
        Assert.Null(_autoscaler.Decide(At(31, 2, 0, 0)));
        Assert.Equal(1, _autoscaler.Decide(At(60, 2, 0, 0))?.To);
        Assert.Null(_autoscaler.Decide(At(600, 1, 0, 0)));
    }

    [Fact]
    public void Decide_WorkComesInTheIdleSpell_TheSpellBeginsAnew()
    {
        Assert.Null(_autoscaler.Decide(At(0, 2, 1, 0)));
        Assert.Null(_autoscaler.Decide(At(20, 2, 2, 0)));
        Assert.Null(_autoscaler.Decide(At(40, 2, 1, 0)));
        Assert.Null(_autoscaler.Decide(At(69, 2, 1, 0)));
        Assert.Equal(1, _autoscaler.Decide(At(70, 2, 1, 0))?.To);
    }

    [Fact]
    public void Decide_BlipSoonAfterADown_StartsNothing()
    {
        _autoscaler.Decide(At(0, 2, 0, 0));
        Assert.Equal(1, _autoscaler.Decide(At(30, 2, 0, 0))?.To);

        ScaleInputs blip = At(35, 1, 1, 1) with { Backlog = [new QueueBacklog(1, TimeSpan.FromMilliseconds(50), Wish)] };
        Assert.Null(_autoscaler.Decide(blip));
        Assert.Equal(2, _autoscaler.Decide(At(40, 1, 1, 1))?.To);
        Assert.Equal(2, new Autoscaler(TimeSpan.FromSeconds(30)).Decide(blip)?.To);
    }

    [Theory]
    [InlineData(1.0, 0.5, 0.0, 0.0, "the tasks want 2.0 of 2 processors, and the load is 0.5")]
    [InlineData(0.6, 3.0, 30.0, 0.0, "the tasks want 1.2 of 2 processors, and the load is 3.0")]
    [InlineData(0.6, 3.0, null, 0.0, "the tasks want 1.2 of 2 processors, and the load is 3.0")]
    [InlineData(0.0, 0.0, 0.0, 60.0, "programs wait for disks 60 % of the time")]
    [InlineData(0.6, 3.0, 5.0, 0.0, null)]
    [InlineData(0.6, 1.0, 90.0, 0.0, null)]
    [InlineData(0.1, 9.0, 90.0, 0.0, null)]
    [InlineData(null, 9.0, 90.0, 90.0, null)]
    public void Decide_MachineIsSaturated_NoMoreThanASlotAProcessor(double? demand, double load, double? cpu, double io, string? why)
    {
        ScaleInputs inputs = At(0, 2, 2, 9) with { Machine = new MachineLoad { Processors = 2, Load = load, CpuPressure = cpu, IoPressure = io, Demand = demand } };

        ScaleDecision? decision = _autoscaler.Decide(inputs);

        Assert.Equal(why is null ? new ScaleDecision(2, 4, "9 waiting, oldest 0.4 s") : new ScaleDecision(2, 4, "9 waiting, oldest 0.4 s, but " + why, IsRefused: true), decision);
        Assert.Null(why is null ? null : _autoscaler.Decide(inputs));
    }

    [Fact]
    public void Decide_ProgramsWaitForMemory_AddsNothingButTheFirst()
    {
        MachineLoad thrashing = new() { Processors = 8, Demand = 0, MemoryPressure = 23 };

        Assert.Equal(new ScaleDecision(0, 1, "9 waiting, oldest 0.4 s; no more, because programs wait for memory 23 % of the time"), _autoscaler.Decide(At(0, 0, 0, 9) with { Machine = thrashing }));
        Assert.Null(_autoscaler.Decide(At(1, 1, 1, 9) with { Machine = thrashing }));
    }

    [Fact]
    public void Decide_BudgetHasNoRoomForAnother_IsRefusedOnceASpellWithTheFigures()
    {
        ScaleInputs full = At(0, 2, 2, 9) with { Memory = new MemoryState(512L << 20, 60L << 20, 180L << 20) };

        Assert.Equal(
            new ScaleDecision(2, 4, "9 waiting, oldest 0.4 s, but the largest child has 180 MB, and so may each: with the worker's 60 MB no more than 2 fit into 512 MB", IsRefused: true),
            _autoscaler.Decide(full));
        Assert.Null(_autoscaler.Decide(full with { Now = TimeSpan.FromSeconds(20) }));
        ScaleInputs thrashing = full with { Now = TimeSpan.FromSeconds(25), Machine = new MachineLoad { Processors = 8, MemoryPressure = 23 } };
        Assert.Equal("9 waiting, oldest 0.4 s, but programs wait for memory 23 % of the time", _autoscaler.Decide(thrashing)?.Reason);
        Assert.Null(_autoscaler.Decide(full with { Now = TimeSpan.FromSeconds(40) }));
        Assert.True(_autoscaler.Decide(full with { Now = TimeSpan.FromSeconds(80) })?.IsRefused);
    }

    private static ScaleInputs At(double seconds, int slots, int busy, long waiting) => new()
    {
        Now = TimeSpan.FromSeconds(seconds),
        Min = 1,
        Max = 4,
        Slots = slots,
        Busy = busy,
        Backlog = waiting == 0 ? [] : [new QueueBacklog(waiting, TimeSpan.FromSeconds(0.4), Wish)],
    };
}
