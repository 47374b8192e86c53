using Essaim.Testing;

namespace Essaim.Tests.Workers;

public sealed class IdleTrimmerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();
    private readonly SemaphoreSlim _trims = new(0);
    private volatile bool _idle = true;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_Idle_TrimsTwicePerIdleSpell()
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        IdleTrimmer trimmer = New();
        Task running = trimmer.RunAsync(end.Token);

        for (int trim = 0; trim < 2; trim++)
        {
            await UntilItWaitsAsync();
            _time.Advance(IdleTrimmer.Spell);
            Assert.True(await _trims.WaitAsync(Patience, Stop));
        }

        _time.Advance(10 * IdleTrimmer.Spell);
        Assert.Equal(0, _time.WaitingTimers);
        trimmer.Worked();
        await UntilItWaitsAsync();
        _time.Advance(IdleTrimmer.Spell);
        Assert.True(await _trims.WaitAsync(Patience, Stop));

        await end.CancelAsync();
        await running;
        Assert.Equal(0, _trims.CurrentCount);
    }

    [Fact]
    public async Task Run_WorkBetweenTheTwo_BeginsAnew()
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        IdleTrimmer trimmer = New();
        Task running = trimmer.RunAsync(end.Token);
        _time.Advance(IdleTrimmer.Spell);
        Assert.True(await _trims.WaitAsync(Patience, Stop));
        await UntilItWaitsAsync();

        trimmer.Worked();
        _time.Advance(IdleTrimmer.Spell);
        await UntilItWaitsAsync();
        Assert.Equal(0, _trims.CurrentCount);
        _time.Advance(IdleTrimmer.Spell);
        Assert.True(await _trims.WaitAsync(Patience, Stop));

        await end.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Run_BusyOrJustWorked_WaitsForAWholeSpell()
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        _idle = false;
        IdleTrimmer trimmer = New();
        Task running = trimmer.RunAsync(end.Token);

        _time.Advance(IdleTrimmer.Spell);
        await UntilItWaitsAsync();
        _idle = true;
        trimmer.Worked();
        _time.Advance(IdleTrimmer.Spell);
        await UntilItWaitsAsync();
        Assert.Equal(0, _trims.CurrentCount);
        _time.Advance(IdleTrimmer.Spell);
        Assert.True(await _trims.WaitAsync(Patience, Stop));

        await end.CancelAsync();
        await running;
    }

    private IdleTrimmer New() => new(() => _idle, () => _trims.Release(), _time);

    private async Task UntilItWaitsAsync()
    {
        while (_time.WaitingTimers == 0)
        {
            Stop.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
