namespace Essaim.Tests.Workers;

public sealed class MemoryCagesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("4:memory:/some/group\n0::/\n")]
    [InlineData("0::/user.slice/user-1000.slice/session-1.scope\n")]
    public void Find_NoPlaceTheKernelMakesCagesIn_IsNone(string membership) => Assert.Null(MemoryCages.Find(_root, membership));

    [Fact]
    public void Find_FolderThatIsNoControlGroup_LeavesNothingBehind()
    {
        string unit = Path.Combine(_root, "system.slice", "essaim.service");
        Directory.CreateDirectory(unit);
        File.WriteAllText(Path.Combine(unit, "cgroup.subtree_control"), "cpu\n");

        Assert.Null(MemoryCages.Find(_root, "0::/system.slice/essaim.service/worker\n"));

        Assert.Equal("+memory", File.ReadAllText(Path.Combine(unit, "cgroup.subtree_control")));
        Assert.Empty(Directory.GetDirectories(unit));
    }

    [Fact]
    public void Find_CagesOfAWorkerThatWasKilled_AreRemoved()
    {
        string own = File.ReadLines("/proc/self/cgroup").Select(line => line.Split(':', 3)).FirstOrDefault(line => line[1] == "memory")?[2] ?? "";
        string abandoned = Path.Combine("/sys/fs/cgroup/memory", own.Trim('/'), "essaim-999999999-1");
        Assert.SkipWhen(MemoryCages.Find() is null || own.Length == 0, "This account may make no control groups (version 1) with a memory limit here.");
        Directory.CreateDirectory(abandoned);

        Assert.NotNull(MemoryCages.Find());

        Assert.False(Directory.Exists(abandoned));
    }

    [Theory]
    [InlineData("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", 3)]
    [InlineData("low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 1\n", 1)]
    [InlineData("", 0)]
    public void Find_KernelsCounts_AreThoseOfKilledProcesses(string text, long kills) => Assert.Equal(kills, OomKills.Find(text));

    [Fact]
    public void GroupMemory_OfThisProcessesOwnGroup_IsMoreThanItsOwn()
    {
        string stat = File.ReadAllText("/proc/self/stat");
        int group = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);

        Assert.True(new GroupMemory().Read([group])[group] >= 20 << 20);
        Assert.Empty(new GroupMemory().Read([]));
    }
}
