using Xunit;

namespace Essaim.Conformance;

/// <summary>For backends that keep a log of events: reading on from a position.</summary>
public abstract class EventLogConformance : EventBusConformance
{
    [Fact]
    public async Task Subscribe_FromAPosition_GivesWhatFollowsIt()
    {
        await PublishAsync(1, 5);
        List<EventEntry> seen = await TakeEntriesAsync(Backend.Events.SubscribeAsync(0, Stop), 3);

        Assert.Equal(["t4", "t5"], await TakeAsync(Backend.Events.SubscribeAsync(seen[2].Position, Stop), 2));
    }

    [Fact]
    public async Task Subscribe_FromAPositionThatIsPruned_GivesTheOldestKept()
    {
        for (int i = 0; i < 102; i++)
            await PublishAsync(1 + (i * 1000), 1000);
        await Broker.SweepAsync(Stop);

        Assert.Equal(["t2001"], await TakeAsync(Backend.Events.SubscribeAsync(0, Stop), 1));
    }
}
