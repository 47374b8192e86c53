using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Edge.Tests;

/// <summary>A slot that runs until it is stopped.</summary>
internal sealed class RunningSlot : IAsyncDisposable
{
    public static readonly string[] Choices = ["red", "blue"];
    private readonly CancellationTokenSource _stop = new();

    public RunningSlot(MqttOptions broker, IJournalDisk disk, string folder = "slot", string id = "slot-01", TimeProvider? time = null, FakeMachine? machine = null)
    {
        Gpio = new StandInGpio(Choices.Select(SlotOptions.InputOf), [SlotLights.Accepted, SlotLights.Error, SlotLights.Link]);
        Machine = machine ?? new FakeMachine();
        SlotOptions options = new() { SlotId = id, Broker = broker, DataFolder = folder, Choices = Choices, Firmware = "1.0.0" };
        Agent = new SlotAgent(
            options, Gpio, Machine, new Watchdog([SlotAgent.MqttLoop, SlotAgent.SenderLoop], () => Fed++), disk, time ?? TimeProvider.System, NullLogger.Instance, Random.Shared);
        Running = Agent.RunAsync(_stop.Token);
    }

    public SlotAgent Agent { get; }

    public StandInGpio Gpio { get; }

    public FakeMachine Machine { get; }

    public Task<bool> Running { get; }

    public int Fed { get; private set; }

    /// <summary>Waits until its status is as wanted.</summary>
    public async Task<SlotStatus> UntilAsync(Func<SlotStatus, bool> isWanted)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            Task changed = Agent.ChangedAsync();
            SlotStatus status = Agent.Status();
            if (isWanted(status))
                return status;
            await changed.WaitAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Running;
        Agent.Dispose();
        Gpio.Dispose();
        _stop.Dispose();
    }
}

internal sealed class FakeMachine : ISlotMachine
{
    public string Boot { get; init; } = "0badf00d";

    public bool IsClockSynchronised { get; init; } = true;

    public double? Temperature => 51.2;

    public int Reboots { get; private set; }

    public string? Reboot()
    {
        Reboots++;
        return null;
    }
}
