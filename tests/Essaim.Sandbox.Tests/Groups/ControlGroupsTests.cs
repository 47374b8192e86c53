namespace Essaim.Sandbox.Tests;

/// <summary>Trees of control groups as machines have them, made of plain files: where groups are made, and what is missing.</summary>
public sealed class ControlGroupsTests : IDisposable
{
    private const string SecondMount = "30 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";
    private readonly string _root = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Find_DelegatedUnit_MovesIntoALeafAndTurnsControllersOn()
    {
        Group("sys/fs/cgroup", "cpu memory pids", "cpu memory pids", "");
        Group("sys/fs/cgroup/system.slice/essaim.service", "cpu memory pids", "", "4711\n4712\n");

        ControlGroups groups = ControlGroups.Find(SecondMount, "0::/system.slice/essaim.service\n", _root);

        string unit = Path.Combine(_root, "sys/fs/cgroup/system.slice/essaim.service");
        Assert.True(groups.Second);
        Assert.True(Directory.Exists(Path.Combine(unit, "agent")));
        // A plain file keeps only the last word the kernel would have acted on.
        Assert.StartsWith("+", File.ReadAllText(Path.Combine(unit, "cgroup.subtree_control")), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_UnitWhoseControllersAreOn_UsesIt()
    {
        Group("sys/fs/cgroup", "cpu memory pids", "cpu memory pids", "");
        Group("sys/fs/cgroup/essaim.service", "cpu memory pids", "cpu memory pids", "");
        Group("sys/fs/cgroup/essaim.service/agent", "cpu memory pids", "", "4711\n");

        ControlGroups groups = ControlGroups.Find(SecondMount, "0::/essaim.service/agent\n", _root);

        string unit = Path.Combine(_root, "sys/fs/cgroup/essaim.service");
        Assert.Equal(["cpu", "memory", "pids"], groups.Parents.Keys.Order(StringComparer.Ordinal));
        Assert.All(groups.Parents.Values, parent => Assert.Equal(unit, parent));
        Assert.False(Directory.Exists(Path.Combine(unit, "agent/agent")));
        Assert.Null(groups.Advice);
    }

    [Fact]
    public void Find_LoginSession_MovesNobody()
    {
        Group("sys/fs/cgroup", "cpu memory pids", "cpu memory pids", "");
        Group("sys/fs/cgroup/user.slice/session-1.scope", "cpu memory pids", "", "4711\n4712\n");

        ControlGroups.Find(SecondMount, "0::/user.slice/session-1.scope\n", _root);

        Assert.False(Directory.Exists(Path.Combine(_root, "sys/fs/cgroup/user.slice/session-1.scope/agent")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Find_TopOfTheTree_IsLeftAloneUnlessItIsAContainers(bool container)
    {
        Group("sys/fs/cgroup", "cpu memory pids", "", "1\n7\n");
        if (container)
            File.WriteAllText(Path.Combine(_root, "sys/fs/cgroup/cgroup.type"), "domain");

        ControlGroups.Find(SecondMount, "0::/\n", _root);

        Assert.Equal(container, Directory.Exists(Path.Combine(_root, "sys/fs/cgroup/agent")));
    }

    [Fact]
    public void Find_GivenFolder_LeavesTheOwnUnitAlone()
    {
        Group("sys/fs/cgroup", "cpu memory pids", "cpu memory pids", "");
        Group("sys/fs/cgroup/essaim.slice", "cpu memory pids", "cpu memory pids", "");
        Group("sys/fs/cgroup/essaim.slice/runs.service", "cpu memory pids", "cpu memory pids", "");
        Group("sys/fs/cgroup/essaim.slice/worker.service", "cpu memory pids", "", "4711\n");
        string given = Path.Combine(_root, "sys/fs/cgroup/essaim.slice/runs.service");

        ControlGroups groups = ControlGroups.Find(SecondMount, "0::/essaim.slice/worker.service\n", _root, given + "/");

        Assert.Equal(["cpu", "memory", "pids"], groups.Parents.Keys.Order(StringComparer.Ordinal));
        Assert.All(groups.Parents.Values, parent => Assert.Equal(given, parent));
        // systemd starts nothing in a unit whose groups are limited while one of them is left.
        Assert.Equal("", File.ReadAllText(Path.Combine(_root, "sys/fs/cgroup/essaim.slice/worker.service/cgroup.subtree_control")));
        Assert.Null(groups.Advice);
    }

    [Fact]
    public void Find_GivenFolderThatCannotBeEntered_TakesTheNextAndSaysSo()
    {
        Group("sys/fs/cgroup/essaim.slice/runs.service", "cpu memory pids", "cpu memory pids", "");
        Group("sys/fs/cgroup/other.slice/worker.service", "cpu memory pids", "cpu memory pids", "");
        string given = Path.Combine(_root, "sys/fs/cgroup/essaim.slice/runs.service");

        ControlGroups groups = ControlGroups.Find(SecondMount, "0::/other.slice/worker.service\n", _root, given);

        Assert.All(groups.Parents.Values, parent => Assert.Equal(Path.Combine(_root, "sys/fs/cgroup/other.slice/worker.service"), parent));
        Assert.Equal($"No control groups can be made in {given} (ESSAIM_CGROUP): start the unit that keeps it, and see that both units have the same Slice=.", groups.Advice);
    }

    [Fact]
    public void Find_PiAsShipped_SaysHowToTurnMemoryOn()
    {
        Group("sys/fs/cgroup", "cpu pids", "cpu pids", "");
        Group("sys/fs/cgroup/essaim.service", "cpu pids", "cpu pids", "");

        ControlGroups groups = ControlGroups.Find(SecondMount, "0::/essaim.service\n", _root);

        Assert.Equal((false, true, true), (groups.HoldsMemory, groups.HoldsProcesses, groups.HoldsCpu));
        Assert.Equal("The kernel's memory controller is off (as on a Raspberry Pi as shipped): add cgroup_enable=memory to /boot/firmware/cmdline.txt and restart.", groups.Advice);
    }

    [Fact]
    public void Find_FirstVersion_UsesEachHierarchy()
    {
        const string mounts = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
            + "32 31 0:29 /part /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        foreach (string folder in new[] { "memory/service", "pids", "cpu/deeper", "unified" })
            Directory.CreateDirectory(Path.Combine(_root, "sys/fs/cgroup", folder));

        ControlGroups groups = ControlGroups.Find(mounts, "4:memory:/service\n8:pids:/\n1:cpu,cpuacct:/part/deeper\n0::/\n", _root);

        string At(string folder) => Path.Combine(_root, "sys/fs/cgroup", folder);
        Assert.Equal(
            [("cpu", At("cpu/deeper")), ("cpuacct", At("cpu/deeper")), ("memory", At("memory/service")), ("pids", At("pids"))],
            groups.Parents.OrderBy(parent => parent.Key, StringComparer.Ordinal).Select(parent => (parent.Key, parent.Value)));
    }

    [Fact]
    public void Find_NoGroups_SaysSo()
    {
        ControlGroups groups = ControlGroups.Find("20 1 0:1 / / rw - ext4 disk rw\n", "", _root);

        Assert.Empty(groups.Parents);
        Assert.Equal("There are no control groups on this machine; mount them at /sys/fs/cgroup.", groups.Advice);
    }

    [Fact]
    public void Names_OfTwoFolders_Differ()
    {
        ControlGroups groups = ControlGroups.Find("", "", _root);

        Assert.NotEqual(groups.For("/a").Prefix, groups.For("/b").Prefix);
    }

    private void Group(string folder, string controllers, string enabled, string members)
    {
        string path = Path.Combine(_root, folder);
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "cgroup.controllers"), controllers);
        File.WriteAllText(Path.Combine(path, "cgroup.subtree_control"), enabled);
        File.WriteAllText(Path.Combine(path, "cgroup.procs"), members);
    }
}
