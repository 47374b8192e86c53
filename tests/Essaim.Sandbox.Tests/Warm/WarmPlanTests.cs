using Essaim.Testing;

namespace Essaim.Sandbox.Tests;

public sealed class WarmPlanTests
{
    private const long Gibibyte = 1L << 30;

    [Theory]
    [InlineData("off", "python-sci", 0)]
    [InlineData("python-sci=2,python=1", "python-sci", 2)]
    [InlineData("python-sci=2,python=1", "python", 1)]
    [InlineData("python=3", "python-sci", 0)]
    [InlineData("auto", "python", 5)]
    public void Wanted_OfAPlan_IsWhatItSays(string text, string environment, int wanted) =>
        Assert.Equal(wanted, WarmPlan.TryParse(text)!.Wanted(WarmEnvironment.All.Single(one => one.Name == environment), together: 5, 16 * Gibibyte, processors: 8));

    [Theory]
    [InlineData("")]
    [InlineData("on")]
    [InlineData("python-sci")]
    [InlineData("python-sci=-1")]
    [InlineData("python-sci=65")]
    [InlineData("python=1,python=2")]
    [InlineData("ruby=1")]
    public void TryParse_OfWhatIsNoPlan_IsNothing(string text) => Assert.Null(WarmPlan.TryParse(text));

    [Theory]
    [InlineData(1024, 4, 0)]
    [InlineData(1700, 4, 0)]
    [InlineData(1900, 4, 1)]
    [InlineData(3800, 4, 2)]
    [InlineData(7800, 4, 4)]
    [InlineData(7800, 1, 2)]
    [InlineData(64_000, 32, 8)]
    public void MostBySize_OfAMachine_LeavesSmallOnesAlone(long mebibytes, int processors, int most) => Assert.Equal(most, WarmPlan.MostBySize(mebibytes << 20, processors));

    [Theory]
    [InlineData(4096, 700, true)]
    [InlineData(4096, 600, false)]
    [InlineData(1024, 250, false)]
    public void HasRoom_OfAMachine_KeepsSomeForTasks(long total, long available, bool room) => Assert.Equal(room, WarmPlan.HasRoom(total << 20, available << 20));

    [Fact]
    public void MostTogether_OfUses_GrowsWithThemAndFalls()
    {
        string file = Path.GetTempFileName();
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        WarmUses uses = new(file, time);
        Assert.Equal(0, uses.MostTogether());

        uses.Note();
        Assert.Equal(1, uses.MostTogether());
        time.Advance(TimeSpan.FromSeconds(30));
        for (int i = 0; i < 3; i++)
        {
            uses.Note();
            time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(3, uses.MostTogether());
        time.Advance(TimeSpan.FromMinutes(14));
        uses.Note();
        Assert.Equal(3, uses.MostTogether());
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, uses.MostTogether());
        time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(0, uses.MostTogether());
        File.Delete(file);
    }

    [Theory]
    [InlineData("import numpy as np", "python-sci")]
    [InlineData("def main():\n    from scipy.linalg import solve", "python-sci")]
    [InlineData("import os, numpy", "python-sci")]
    [InlineData("import math\n# numpy would be quicker: import numpy", "python")]
    [InlineData("print('import numpy')", "python")]
    [InlineData("import numpydoc", "python")]
    public void Of_AFile_IsWhatItImports(string source, string environment) => Assert.Equal(environment, WarmEnvironment.Of(Runs.Request(source)).Name);
}
