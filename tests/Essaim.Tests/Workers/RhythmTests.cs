using Essaim.Testing;

namespace Essaim.Tests.Workers;

public sealed class RhythmTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 5000)]
    [InlineData(1, 4999)]
    [InlineData(3750, 1250)]
    [InlineData(3751, 6249)]
    [InlineData(4999, 5001)]
    [InlineData(5003, 4997)]
    public void UntilNext_AtAnyTime_EndsOnAMultiple(int now, int left) =>
        Assert.Equal(TimeSpan.FromMilliseconds(left), Rhythm.UntilNext(TimeSpan.FromSeconds(5), new FakeTimeProvider(Midnight.AddMilliseconds(now))));

    [Fact]
    public void UntilNext_BetweenTwoMilliseconds_IsNotEarly() =>
        Assert.Equal(TimeSpan.FromMilliseconds(4000), Rhythm.UntilNext(TimeSpan.FromSeconds(5), new FakeTimeProvider(Midnight.AddMilliseconds(1000.5))));

    [Fact]
    public async Task DelayAsync_DutiesThatBeganApart_EndTogether()
    {
        FakeTimeProvider time = new();
        Task often = Rhythm.DelayAsync(TimeSpan.FromSeconds(2), time, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(0.4));
        Task seldom = Rhythm.DelayAsync(TimeSpan.FromSeconds(10), time, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(1.6));
        await often;
        for (int beat = 0; beat < 4; beat++)
        {
            Assert.False(seldom.IsCompleted);
            often = Rhythm.DelayAsync(TimeSpan.FromSeconds(2), time, TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(2));
            await often;
        }

        await seldom;
        Assert.Equal(0, time.WaitingTimers);
    }
}
