using System.Text.Json;

namespace Essaim.Edge.Tests;

/// <summary>A slot on a real broker, with a played core.</summary>
public sealed class SlotAgentTests
{
    private readonly MemoryDisk _disk = new();
    private readonly VoteLedger _ledger = new();

    [BrokerFact]
    public async Task Press_LinkUp_LightsAndIsCounted()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using PlayedCore core = await PlayedCore.StartAsync(broker.Options("core"), _ledger);
        await core.OpenRoundAsync("1", 2);
        await using RunningSlot slot = new(broker.Options(""), _disk);
        await slot.UntilAsync(status => status.IsLinked && status.Round?.Round == "1");
        List<string> lights = [];
        slot.Gpio.OnOutput = (light, isOn) => lights.Add($"{light} {isOn}");

        slot.Gpio.Press("BTN_RED", true);

        SlotStatus counted = await slot.UntilAsync(status => status.Recent is [{ Verdict: VoteVerdict.Counted }] && status.Round?.Votes == 1);
        Assert.Equal(("red", 0, null), (counted.Recent[0].Choice, counted.Waiting, counted.Fault));
        Assert.Equal("LED_ACCEPTED True", lights[0]);
        SlotEvent vote = await core.HearAsync("event", EdgeJson.Default.SlotEvent);
        Assert.Equal(("vote", "1", "BTN_RED", "red", true), (vote.Kind, vote.Round, vote.Input, vote.Choice, vote.IsSynchronised));
        Assert.InRange(vote.Age!.Value, 0, 30_000);
        Assert.Equal(PressOutcome.Accepted, slot.Agent.Press("blue"));
        await slot.UntilAsync(status => status.Round?.State == RoundState.Closed);
        Assert.Equal(PressOutcome.Unknown, slot.Agent.Press("green"));
    }

    [BrokerFact]
    public async Task Birth_Connected_SaysWhatItIsAndGoodByeAtTheEnd()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using PlayedCore core = await PlayedCore.StartAsync(broker.Options("core"), _ledger);
        DeviceState birth;
        await using (RunningSlot slot = new(broker.Options(""), _disk))
        {
            birth = await core.HearAsync("state", EdgeJson.Default.DeviceState);
            Assert.Equal(("online", 1, 0L, 0, "1.0.0", 0), (birth.State, birth.Session, birth.Sequence, birth.Open, birth.Firmware, birth.Configuration));
            SlotInputs inputs = await core.HearAsync("input", EdgeJson.Default.SlotInputs);
            Assert.Equal(["BTN_RED", "BTN_BLUE"], inputs.Inputs.Keys);
            slot.Gpio.Press("BTN_BLUE", true);
            Assert.True((await core.HearAsync("input", EdgeJson.Default.SlotInputs, input => input.Number == 1)).Inputs["BTN_BLUE"]);
        }

        DeviceState end = await core.HearAsync("state", EdgeJson.Default.DeviceState);
        Assert.Equal(("offline", "shutdown", birth.Boot, 1), (end.State, end.Reason, end.Boot, end.Session));
    }

    [BrokerFact]
    public async Task Press_LinkDown_WaitsOnTheDiskAndIsSentWhenItIsUp()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await broker.KillAsync();
        await using (RunningSlot slot = new(broker.Options(""), _disk))
        {
            for (int i = 0; i < 100; i++)
                Assert.Equal(PressOutcome.Accepted, slot.Agent.Press(i % 2 == 0 ? "red" : "blue"));
            SlotStatus waiting = await slot.UntilAsync(status => status.LinkError is not null);
            Assert.Equal((100, false), (waiting.Waiting, waiting.IsLinked));
            Assert.All(waiting.Recent, vote => Assert.Null(vote.Verdict));
        }

        await broker.StartAgainAsync();
        await using PlayedCore core = await PlayedCore.StartAsync(broker.Options("core"), _ledger);
        await using RunningSlot again = new(broker.Options(""), _disk);

        await again.UntilAsync(status => status.Waiting == 0);
        for (int i = 1; i <= 100; i++)
            Assert.Equal(i, (await core.HearAsync("event", EdgeJson.Default.SlotEvent, vote => vote.Sequence == i)).Sequence);
    }

    [BrokerFact]
    public async Task Run_CoreStartsAnew_IsSentWhatItDidNotAnswer()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RunningSlot slot = new(broker.Options(""), _disk);
        await using (PlayedCore deaf = await PlayedCore.StartAsync(broker.Options("core"), _ledger))
        {
            deaf.Answers = false;
            await slot.UntilAsync(status => status.IsLinked);
            slot.Agent.Press("red");
            await deaf.HearAsync("event", EdgeJson.Default.SlotEvent);
        }

        await using PlayedCore core = await PlayedCore.StartAsync(broker.Options("core"), _ledger);

        SlotStatus answered = await slot.UntilAsync(status => status.Waiting == 0);
        Assert.Equal([VoteVerdict.Late], answered.Recent.Select(vote => vote.Verdict!.Value));
    }

    [BrokerFact]
    public async Task Hear_Conflict_IsSentInANewEpoch()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using PlayedCore core = await PlayedCore.StartAsync(broker.Options("core"), _ledger);
        int answers = 0;
        core.OnAnswer = ack => answers++ == 0 ? ack with { Verdicts = [VoteVerdict.Conflict] } : ack;
        await using RunningSlot slot = new(broker.Options(""), _disk);
        await slot.UntilAsync(status => status.IsLinked);

        slot.Agent.Press("red");

        SlotEvent first = await core.HearAsync("event", EdgeJson.Default.SlotEvent);
        SlotEvent second = await core.HearAsync("event", EdgeJson.Default.SlotEvent, vote => vote.Epoch != first.Epoch);
        Assert.Equal((1, "red", first.Monotonic), (second.Sequence, second.Choice, second.Monotonic));
        Assert.Single((await slot.UntilAsync(status => status.Waiting == 0)).Recent);
    }

    [BrokerFact]
    public async Task Hear_CoreKnowsHigherNumbers_BeginsANewEpoch()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using PlayedCore core = await PlayedCore.StartAsync(broker.Options("core"), _ledger);
        core.OnAnswer = ack => ack with { Highest = ack.Highest + 7 };
        await using RunningSlot slot = new(broker.Options(""), _disk);
        await slot.UntilAsync(status => status.IsLinked);
        slot.Agent.Press("red");
        SlotEvent first = await core.HearAsync("event", EdgeJson.Default.SlotEvent);
        await slot.UntilAsync(status => status.Waiting == 0);

        slot.Agent.Press("red");

        Assert.Equal(1, (await core.HearAsync("event", EdgeJson.Default.SlotEvent, vote => vote.Epoch != first.Epoch)).Sequence);
    }

    [BrokerFact]
    public async Task Hear_Configuration_IsAppliedKeptAndReported()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using PlayedCore core = await PlayedCore.StartAsync(broker.Options("core"), _ledger);
        await using (RunningSlot slot = new(broker.Options(""), _disk))
        {
            await slot.UntilAsync(status => status.IsLinked);
            await core.TellAsync(EdgeTopics.Down("slot-01", "config"), Desired(2, """{"label":"Nord","language":"fr"}"""), EdgeJson.Default.DesiredConfiguration, true);
            Assert.Equal("applied", (await core.HearAsync("config", EdgeJson.Default.ReportedConfiguration)).Status);
            Assert.Equal(("Nord", "fr"), (slot.Agent.Status().Label, slot.Agent.Status().Language));
            await core.TellAsync(EdgeTopics.Down("slot-01", "config"), Desired(3, """{"label":7,"language":"fr"}"""), EdgeJson.Default.DesiredConfiguration, true);
            ReportedConfiguration rejected = await core.HearAsync("config", EdgeJson.Default.ReportedConfiguration);
            Assert.Equal((3, "rejected"), (rejected.Number, rejected.Status));
            await core.TellAsync(EdgeTopics.Down("slot-01", "config"), Desired(4, """{"language":"de"}"""), EdgeJson.Default.DesiredConfiguration, true);
            Assert.Equal("language 'de' is neither en nor fr", (await core.HearAsync("config", EdgeJson.Default.ReportedConfiguration)).Error);
        }

        await using RunningSlot again = new(broker.Options(""), _disk);
        Assert.Equal("Nord", again.Agent.Status().Label);
        Assert.Equal(2, (await core.HearAsync("state", EdgeJson.Default.DeviceState, state => state.State == "online")).Configuration);
    }

    [BrokerFact]
    public async Task Hear_Commands_AreDoneOnceAndAnswered()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using PlayedCore core = await PlayedCore.StartAsync(broker.Options("core"), _ledger);
        await using RunningSlot slot = new(broker.Options(""), _disk);
        await slot.UntilAsync(status => status.IsLinked);
        DateTimeOffset later = TimeProvider.System.GetUtcNow().AddMinutes(1);

        await core.TellAsync(EdgeTopics.Down("slot-01", "cmd"), new SlotCommand { Id = "a", Name = "reboot", Until = later }, EdgeJson.Default.SlotCommand);
        await core.TellAsync(EdgeTopics.Down("slot-01", "cmd"), new SlotCommand { Id = "a", Name = "reboot", Until = later }, EdgeJson.Default.SlotCommand);
        await core.TellAsync(EdgeTopics.Down("slot-01", "cmd"), new SlotCommand { Id = "b", Name = "dance", Until = later }, EdgeJson.Default.SlotCommand);
        await core.TellAsync(EdgeTopics.Down("slot-01", "cmd"), new SlotCommand { Id = "c", Name = "identify", Until = later.AddHours(-1) }, EdgeJson.Default.SlotCommand);
        await core.TellAsync(EdgeTopics.Down("slot-01", "cmd"), new SlotCommand { Id = "d", Name = "restart", Until = later }, EdgeJson.Default.SlotCommand);

        Assert.Equal(("a", "done"), await ReplyAsync(core));
        Assert.Equal(("b", "failed"), await ReplyAsync(core));
        Assert.Equal(("c", "expired"), await ReplyAsync(core));
        Assert.Equal(("d", "done"), await ReplyAsync(core));
        Assert.True(await slot.Running);
        Assert.Equal(1, slot.Machine.Reboots);
    }

    [BrokerFact]
    public async Task Hear_Garbage_IsDropped()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using PlayedCore core = await PlayedCore.StartAsync(broker.Options("core"), _ledger);
        await using RunningSlot slot = new(broker.Options(""), _disk);
        await slot.UntilAsync(status => status.IsLinked);
        await using RunningClient vandal = await RunningClient.ConnectAsync(broker.Options("vandal"));

        foreach (string topic in (string[])["ack", "config", "cmd"])
        {
            foreach (string payload in (string[])["", "{", "null", "{\"v\":9}", "\0\0", """{"v":1,"e":"x","s":[1,2],"d":["counted"],"max":9}""", """{"v":1,"version":"x","config":1}"""])
                await vandal.PublishAsync(EdgeTopics.Down("slot-01", topic), payload);
        }

        await vandal.PublishAsync(EdgeTopics.CurrentRound, "[]");
        await core.OpenRoundAsync("5", 9);
        await slot.UntilAsync(status => status.Round?.Round == "5");
        slot.Agent.Press("red");
        await slot.UntilAsync(status => status.Recent is [{ Verdict: VoteVerdict.Counted }]);
    }

    [BrokerFact]
    public async Task Press_DiskFull_IsRefusedVisibly()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RunningSlot slot = new(broker.Options(""), _disk);
        List<string> lights = [];
        slot.Gpio.OnOutput = (light, isOn) =>
        {
            if (light != SlotLights.Link)
                lights.Add($"{light} {isOn}");
        };
        _disk.FailAfter = 5;

        Assert.Equal(PressOutcome.Failed, slot.Agent.Press("red"));

        Assert.Equal("LED_ERROR True", lights[0]);
        Assert.Contains("No space left on device", slot.Agent.Status().Fault, StringComparison.Ordinal);
        _disk.FailAfter = null;
        Assert.Equal(PressOutcome.Accepted, slot.Agent.Press("red"));
        Assert.Null(slot.Agent.Status().Fault);
    }

    [BrokerFact]
    public async Task Run_GpioGone_EndsWithTheReason()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        RunningSlot slot = new(broker.Options(""), _disk);

        slot.Gpio.Dispose();

        await slot.Running;
        slot.Agent.Dispose();
    }

    [Fact]
    public void Watchdog_LoopThatHangs_StarvesIt()
    {
        int fed = 0;
        Watchdog watchdog = new(["a", "b"], () => fed++);

        watchdog.Turn("a");
        watchdog.Turn("a");
        Assert.Equal(0, fed);
        watchdog.Turn("b");
        watchdog.Turn("b");
        Assert.Equal(1, fed);
        watchdog.Turn("a");
        Assert.Equal(2, fed);
    }

    [Fact]
    public void LinuxMachine_ThisOne_TellsItsBoot()
    {
        LinuxMachine machine = new();

        Assert.Equal(8, machine.Boot.Length);
        Assert.Equal(machine.Boot, new LinuxMachine().Boot);
        _ = machine.IsClockSynchronised;
    }

    private static async Task<(string Id, string Status)> ReplyAsync(PlayedCore core)
    {
        CommandReply reply = await core.HearAsync("reply", EdgeJson.Default.CommandReply);
        return (reply.Id, reply.Status);
    }

    private static DesiredConfiguration Desired(int version, string json) => new() { Number = version, Config = JsonDocument.Parse(json).RootElement };
}
