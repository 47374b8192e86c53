using Essaim.Testing;

namespace Essaim.Edge.Tests;

public sealed class DevicePresenceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DevicePresence _presence;

    public DevicePresenceTests() => _presence = new DevicePresence(_time);

    [Fact]
    public void Hear_KeptBirth_ProvesNothing()
    {
        Assert.Equal(DeviceStatus.Checking, _presence.Status);
        Assert.False(_presence.Hear(Birth("a", 1), isRetained: true));
        Assert.Equal(DeviceStatus.Checking, _presence.Status);
        Assert.Null(_presence.HeardAt);

        _time.Advance(DevicePresence.Silence);

        Assert.True(_presence.Tick());
        Assert.Equal((DeviceStatus.Disconnected, "silent"), (_presence.Status, _presence.Reason));
    }

    [Fact]
    public void Hear_BirthNow_IsOnlineUntilSilence()
    {
        Assert.True(_presence.Hear(Birth("a", 1), isRetained: false));
        for (int i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(14.9));
            Assert.False(_presence.Tick());
            Assert.False(_presence.Hear(new SlotHeartbeat { Boot = "a" }));
        }

        _time.Advance(TimeSpan.FromSeconds(14.9));
        Assert.False(_presence.Tick());
        Assert.Equal(DeviceStatus.Online, _presence.Status);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(_presence.Tick());
        Assert.False(_presence.Tick());
        Assert.True(_presence.HearAny());
        Assert.Equal((DeviceStatus.Online, null, _time.GetUtcNow()), (_presence.Status, _presence.Reason, _presence.HeardAt));
    }

    [Fact]
    public void Hear_WillOfTheConnection_IsDisconnectedAtOnce()
    {
        _presence.Hear(Birth("a", 2), isRetained: false);

        Assert.True(_presence.Hear(Will("a", 2), isRetained: false));
        Assert.Equal((DeviceStatus.Disconnected, "lost"), (_presence.Status, _presence.Reason));
    }

    [Theory]
    [InlineData("a", 1)]
    [InlineData("b", 2)]
    public void Hear_WillOfAnotherConnection_IsIgnored(string boot, int session)
    {
        _presence.Hear(Birth("a", 2), isRetained: false);

        Assert.False(_presence.Hear(Will(boot, session), isRetained: false));
        Assert.Equal(DeviceStatus.Online, _presence.Status);
    }

    [Fact]
    public void Hear_GoodByeKept_IsDisconnectedAtTheStartOfTheCore()
    {
        Assert.True(_presence.Hear(new DeviceState { State = "offline", Reason = "shutdown", Boot = "a", Session = 1 }, isRetained: true));
        Assert.Equal((DeviceStatus.Disconnected, "shutdown"), (_presence.Status, _presence.Reason));
    }

    [Fact]
    public void Check_CoreConnectedAnew_KnowsNothingUntilItHears()
    {
        _presence.Hear(Birth("a", 1), isRetained: false);

        Assert.True(_presence.Check());
        Assert.False(_presence.Hear(Birth("a", 1), isRetained: true));
        Assert.Equal(DeviceStatus.Checking, _presence.Status);
        Assert.True(_presence.Hear(new SlotHeartbeat { Boot = "a" }));
        Assert.True(_presence.Hear(Will("a", 1), isRetained: false));
    }

    [Fact]
    public void Hear_HeartbeatOfANewRun_LetsItsWillCount()
    {
        _presence.Hear(Birth("a", 4), isRetained: false);
        _presence.Hear(new SlotHeartbeat { Boot = "b" });

        Assert.False(_presence.Hear(Will("a", 4), isRetained: false));
        Assert.True(_presence.Hear(Will("b", 1), isRetained: false));
    }

    private static DeviceState Birth(string boot, int session) => new() { State = DeviceState.Online, Boot = boot, Session = session };

    private static DeviceState Will(string boot, int session) => new() { State = DeviceState.Offline, Reason = DeviceState.Lost, Boot = boot, Session = session };
}
