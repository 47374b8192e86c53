namespace Essaim.Sandbox.Tests;

/// <summary>The most functions may have: read, held, and what is usual within it.</summary>
public sealed class FunctionPlanTests
{
    [Fact]
    public void Read_AllLimits_AreBounds()
    {
        FunctionPlan plan = FunctionPlan.Read("time=8h,grace=1m,memory=2G,cpus=2.5,pids=100,open_files=2000,scratch=128M,output=1G,output_files=20,log=8M,files=16M")!;
        RunLimits more = new()
        {
            Time = TimeSpan.FromHours(9),
            Grace = TimeSpan.FromMinutes(2),
            Memory = 3L << 30,
            Cpus = 3,
            Processes = 101,
            OpenFiles = 2001,
            Scratch = 129 << 20,
            Output = 2L << 30,
            OutputFiles = 21,
            Log = 9 << 20,
        };

        Assert.Equal(
            [
                ("time", 28800.0), ("grace", 60.0), ("memory", 2L << 30), ("cpus", 2.5), ("pids", 100), ("open_files", 2000), ("scratch", 128L << 20), ("output", 1L << 30), ("output_files", 20),
                ("log", 8L << 20), ("files", 16L << 20),
            ],
            plan.Over(more, 17 << 20));
        Assert.Empty(plan.Over(more with { Time = TimeSpan.FromHours(8), Grace = TimeSpan.Zero, Memory = 2L << 30, Cpus = 1, Processes = 100, OpenFiles = 16, Scratch = 1 << 20, Output = 1L << 30, OutputFiles = 20, Log = 1 << 20 }, 16 << 20));
    }

    [Fact]
    public void Usual_OfAPlan_IsWhatIsUsualWithinIt()
    {
        FunctionPlan plan = FunctionPlan.Read("memory=256M,time=8h,files=1M")!;

        Assert.Equal(new RunLimits { Memory = 256 << 20 }, plan.Usual);
        Assert.Equal(1 << 20, plan.UsualFiles);
        Assert.Equal(new RunLimits(), FunctionPlan.None.Usual);
        Assert.Empty(FunctionPlan.None.Over(new RunLimits { Memory = long.MaxValue }, long.MaxValue));
    }

    [Theory]
    [InlineData("")]
    [InlineData("memory")]
    [InlineData("memory=")]
    [InlineData("memory=much")]
    [InlineData("memory=1G,memory=2G")]
    [InlineData("memory=1G,")]
    [InlineData("colour=3")]
    [InlineData("cpus=-1")]
    [InlineData("pids=1e3")]
    // Nothing could be run.
    [InlineData("memory=1M")]
    [InlineData("time=0s")]
    [InlineData("files=0")]
    public void Read_WhatIsNoPlan_IsNull(string text) => Assert.Null(FunctionPlan.Read(text));
}
