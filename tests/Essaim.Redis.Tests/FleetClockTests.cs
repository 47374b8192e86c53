using Essaim.Testing;

namespace Essaim.Redis.Tests;

/// <summary>What is told of the server's time, and what a machine makes of it whose own wall clock is anything.</summary>
public sealed class FleetClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 6, 7, 8, 9, TimeSpan.Zero);
    private readonly FleetClock _clock;
    private long _uptime = TimeSpan.FromDays(3).Ticks;

    public FleetClockTests() => _clock = new FleetClock(new FakeTimeProvider(new DateTimeOffset(1970, 1, 1, 0, 0, 5, TimeSpan.Zero)), () => _uptime);

    [Fact]
    public void FirstReply_IsTaken_HoweverFarOffTheMachineIs()
    {
        Reply(Start, milliseconds: 0);

        Assert.InRange(_clock.GetUtcNow(), Start, Start.AddMilliseconds(1));
    }

    [Fact]
    public void TimePasses_AsOnTheServer_WhateverTheWallClockSays()
    {
        Reply(Start, milliseconds: 0);
        _uptime += TimeSpan.FromHours(2).Ticks;

        Assert.InRange(_clock.GetUtcNow(), Start.AddHours(2), Start.AddHours(2).AddMilliseconds(1));
    }

    [Fact]
    public void SlowReply_ThatFits_ChangesNothing()
    {
        Reply(Start, milliseconds: 0);
        DateTimeOffset before = _clock.GetUtcNow();
        long sent = _clock.Uptime();
        _uptime += TimeSpan.FromSeconds(20).Ticks;

        // The server read its clock just after the command was sent; the reply took 20 s.
        _clock.Observe(Start.ToUnixTimeMilliseconds(), sent);

        Assert.Equal(before.AddSeconds(20), _clock.GetUtcNow());
    }

    [Fact]
    public void LateEstimate_MovesToWhatTheServerHasToldAtLeast()
    {
        Reply(Start, milliseconds: 0);
        Reply(Start.AddSeconds(3), milliseconds: 0);

        Assert.Equal(Start.AddSeconds(3), _clock.GetUtcNow());
    }

    [Fact]
    public void EarlyEstimate_MovesBackNoFurtherThanItMust()
    {
        Reply(Start, milliseconds: 0);
        Reply(Start.AddHours(-1), milliseconds: 40);

        // The server may have read its clock at the very beginning of the 40 ms.
        Assert.Equal(Start.AddHours(-1).AddMilliseconds(41), _clock.GetUtcNow());
    }

    [Fact]
    public async Task ManyThreads_NeverFallBehindWhatTheServerHasTold()
    {
        // A server that is told exactly by the uptime, and replies that take up to 5 ms.
        const int Replies = 20_000;
        long begin = _uptime;
        Reply(Start, milliseconds: 0);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(
            () =>
            {
                Random random = new(seed);
                for (int i = 0; i < Replies; i++)
                {
                    long sent = _clock.Uptime();
                    long read = Interlocked.Add(ref _uptime, random.Next(20_000));
                    long told = Start.AddTicks(read - begin).ToUnixTimeMilliseconds();
                    Interlocked.Add(ref _uptime, random.Next(30_000));
                    _clock.Observe(told, sent);
                    Assert.True(_clock.GetUtcNow().ToUnixTimeMilliseconds() >= told);
                }
            },
            TestContext.Current.CancellationToken)));

        Assert.InRange(_clock.GetUtcNow() - Start.AddTicks(_uptime - begin), -TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
    }

    private void Reply(DateTimeOffset serverNow, int milliseconds)
    {
        long sent = _clock.Uptime();
        _uptime += milliseconds * TimeSpan.TicksPerMillisecond;
        _clock.Observe(serverNow.ToUnixTimeMilliseconds(), sent);
    }
}
