namespace Essaim.Tests.Workers;

public sealed class MemoryBudgetTests : IDisposable
{
    private const long Machine = 2000L << 20;
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("0::/\n", "", "", Machine / 10 * 8)]
    [InlineData("0::/a/b\n", "a/b/memory.max", "max", Machine / 10 * 8)]
    [InlineData("0::/a/b\n", "a/b/memory.max", "524288000", 500L << 20)]
    [InlineData("0::/a/b\n", "a/memory.max", "524288000", 500L << 20)]
    [InlineData("0::/of/the/host\n", "memory.max", "524288000", 500L << 20)]
    [InlineData("4:memory:/a\n0::/\n", "memory/a/memory.limit_in_bytes", "524288000", 500L << 20)]
    [InlineData("4:memory:/a\n", "memory/a/memory.limit_in_bytes", "9223372036854771712", Machine / 10 * 8)]
    public void Find_LimitOfTheControlGroup_ElseFourFifthsOfTheMachine(string membership, string file, string limit, long budget)
    {
        Write("proc/self/cgroup", membership);
        Write("proc/meminfo", $"MemTotal:        {Machine / 1024} kB\nMemFree: 1 kB\n");
        if (file.Length > 0)
            Write("cgroup/" + file, limit + "\n");

        Assert.Equal(budget, MemoryBudget.Find(Path.Combine(_folder, "proc"), Path.Combine(_folder, "cgroup")));
    }

    [Theory]
    [InlineData("some avg10=4.55 avg60=1.41 avg300=10.34 total=6114\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", 4.55)]
    [InlineData("", null)]
    public void FindPressure_OfTheKernelsText_IsTheShareOfTheLastTenSeconds(string text, double? share) => Assert.Equal(share, MachineReader.FindPressure(text));

    private void Write(string file, string text)
    {
        string path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
