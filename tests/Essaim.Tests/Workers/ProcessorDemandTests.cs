using System.Diagnostics;
using Essaim.Testing;

namespace Essaim.Tests.Workers;

public sealed class ProcessorDemandTests
{
    [Fact]
    public async Task Read_OneProgramReckonsAndOneSleeps_OnlyTheFirstWantsAProcessor()
    {
        using Process reckons = Process.Start("sh", ["-c", "while :; do :; done"]), sleeps = Process.Start("sleep", "600");
        try
        {
            ProcessorDemand demand = new(TimeProvider.System), idle = new(TimeProvider.System);
            Assert.Null(demand.Read([reckons.Id]));
            Assert.Null(idle.Read([sleeps.Id]));

            // However busy this machine is: who stands in line for a processor wants one.
            double? wanted = null;
            await RunningWorker.UntilAsync(() => (wanted = demand.Read([reckons.Id])) > 0.5);
            Assert.InRange(idle.Read([sleeps.Id]) ?? 0, 0, 0.5);
        }
        finally
        {
            reckons.Kill();
            sleeps.Kill();
        }
    }

    [Fact]
    public void Read_LastLookWasLongAgo_SaysNothing()
    {
        FakeTimeProvider time = new();
        ProcessorDemand demand = new(time);
        demand.Read([Environment.ProcessId]);
        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Null(demand.Read([Environment.ProcessId]));

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(demand.Read([Environment.ProcessId]));
    }
}
