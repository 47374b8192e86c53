using System.Globalization;
using Essaim.Protocol;

namespace Essaim.Storage.Tests;

public abstract partial class MetadataStoreConformance
{
    private static readonly byte[] Source = "def main(): pass"u8.ToArray();

    [Fact]
    public async Task AddFunction_Versions_AreKeptWholeAndTheLastPushedIsTheLatest()
    {
        FunctionVersion first = Version("beam", 'a') with { Description = "Deflection.", Findings = """[{"kind":"import"}]""" };

        FunctionAddition added = await AddAsync(first);
        await AddAsync(Version("beam", 'b') with { CreatedAt = At(1) });
        await AddAsync(Version("truss", 'a'));
        await ReopenAsync();

        Assert.Equal((true, first with { Sequence = 1 }), (added.IsNew, added.Version));
        Assert.Equal([("beam", 'b', 2), ("truss", 'a', 1)], (await Store.Functions.ListAsync("default", Stop)).Select(one => (one.Latest.Name, one.Latest.Id[0], one.Versions)));
        Assert.Equal(new string('b', 64) + "," + new string('a', 64), (await Store.Functions.ListAsync("default", Stop))[0].Ids);
        Assert.Equal("ba", await VersionsAsync("beam"));
        Assert.Equal(first with { Sequence = 1 }, (await Store.Functions.ListVersionsAsync("default", "beam", Stop))[1]);
        Assert.Equal(Source, await Store.Functions.ReadSourceAsync("default", "beam", first.Id, Stop));
        Assert.Empty(await Store.Functions.ListAsync("another", Stop));
        Assert.Empty(await Store.Functions.ListVersionsAsync("default", "bea", Stop));
        Assert.Null(await Store.Functions.ReadSourceAsync("default", "arch", first.Id, Stop));
        Assert.Equal(
            [("function.push", "truss@aaaaaaaaaaaa"), ("function.push", "beam@bbbbbbbbbbbb"), ("function.push", "beam@aaaaaaaaaaaa")],
            (await Store.Edge.ListAuditAsync(9, Stop)).Select(entry => (entry.Action, entry.Target)));
    }

    [Fact]
    public async Task AddFunction_ContentThatIsThere_IsTheSameVersionAndTheLatestAgain()
    {
        FunctionVersion first = (await AddAsync(Version("beam", 'a'))).Version;
        await AddAsync(Version("beam", 'b'));

        FunctionAddition again = await AddAsync(Version("beam", 'a') with { Author = "bob", CreatedAt = At(60), Description = "other words" });

        Assert.Equal((false, first with { Sequence = 3 }), (again.IsNew, again.Version));
        Assert.Equal("ab", await VersionsAsync("beam"));
        Assert.Equal(2, (await Store.Edge.ListAuditAsync(9, Stop)).Count);
    }

    [Fact]
    public async Task FindFunction_ByBeginningOfAnId_FindsOneOrSaysThatItIsNotOne()
    {
        await AddAsync(Version("beam", 'a') with { Id = "abc1" + new string('0', 60) });
        await AddAsync(Version("beam", 'a') with { Id = "abc2" + new string('0', 60) });

        Assert.Equal(["abc2"], await FoundAsync(null));
        Assert.Equal(["abc1"], await FoundAsync("abc1"));
        Assert.Equal(["abc2", "abc1"], await FoundAsync("abc"));
        Assert.Empty(await FoundAsync("abc3"));
        Assert.Empty(await FoundAsync("%"));
        Assert.Empty(await Store.Functions.FindAsync("default", "arch", null, Stop));

        async Task<string[]> FoundAsync(string? version) => [.. (await Store.Functions.FindAsync("default", "beam", version, Stop)).Select(found => found.Id[..4])];
    }

    [Fact]
    public async Task RemoveFunction_AVersion_LosesItsSourceWhereNobodyElseHasIt()
    {
        FunctionVersion version = Version("beam", 'a');
        await AddAsync(version);
        await AddAsync(Version("beam", 'b'));
        await AddAsync(Version("arch", 'a'));

        Assert.Equal('a', Assert.Single(await Store.Functions.RemoveAsync("default", "beam", version.Id, "bob", At(5), Stop)).Id[0]);
        Assert.Empty(await Store.Functions.RemoveAsync("default", "beam", version.Id, "bob", At(6), Stop));
        Assert.Equal("b", await VersionsAsync("beam"));
        Assert.Null(await Store.Functions.ReadSourceAsync("default", "beam", version.Id, Stop));
        Assert.Equal(Source, await Store.Functions.ReadSourceAsync("default", "arch", version.Id, Stop));
        Assert.True(await Store.Functions.IsSourceUsedAsync(version.SourceHash, Stop));
        Assert.Single(await Store.Functions.RemoveAsync("default", "arch", null, "bob", At(7), Stop));
        Assert.False(await Store.Functions.IsSourceUsedAsync(version.SourceHash, Stop));
        Assert.Equal(["arch"], await Store.Functions.ListRemovedAsync("default", Stop));
        Assert.Equal(("function.remove", "arch@aaaaaaaaaaaa", "bob"), (await Store.Edge.ListAuditAsync(1, Stop)).Select(entry => (entry.Action, entry.Target, entry.By)).Single());

        // Pushed anew it is there as before.
        Assert.True((await AddAsync(version with { CreatedAt = At(9) })).IsNew);
        Assert.Equal("ab", await VersionsAsync("beam"));
        Assert.Equal(Source, await Store.Functions.ReadSourceAsync("default", "beam", version.Id, Stop));
    }

    [Fact]
    public async Task ListTasks_ByFunction_FindsItsRunsByNameAndByVersion()
    {
        string a = Version("beam", 'a').Id, b = Version("beam", 'b').Id;
        await RecordAsync(
            Submitted("1", 1) with { Function = $"beam@{a}" }, Submitted("2", 2) with { Function = $"beam@{b}" }, Submitted("3", 3) with { Function = "beam" },
            Submitted("4", 4) with { Function = $"beam-2@{a}" }, Submitted("5", 5),
            Submitted("6", 6) with { Function = "beam@aaaaa" });
        await RecordAsync(new TaskChange { TaskId = "1", At = At(9), State = TaskState.Success, Certain = true, Function = "else" });

        Assert.Equal(["6", "3", "2", "1"], await RunsAsync(new TaskQuery { Function = "beam" }));
        Assert.Equal(["6", "1"], await RunsAsync(new TaskQuery { Function = "beam@aaaa" }));
        Assert.Equal(["6", "1"], await RunsAsync(new TaskQuery { Function = $"beam@{a}" }));
        Assert.Equal(["2"], await RunsAsync(new TaskQuery { Function = $"beam@{b}" }));
        Assert.Equal(["4"], await RunsAsync(new TaskQuery { Function = "beam-2" }));
        Assert.Equal(["6", "3", "2"], await RunsAsync(new TaskQuery { Function = "beam", Open = true }));
        Assert.Equal($"beam@{a}", (await GetAsync("1")).Function);

        async Task<string[]> RunsAsync(TaskQuery query) => [.. (await Store.Tasks.ListAsync(query, Stop)).Tasks.Select(task => task.Id)];
    }

    internal static FunctionVersion Version(string name, char digit) => new()
    {
        Name = name,
        Id = new string(digit, 64),
        SourceHash = new string(digit, 64),
        Size = Source.Length,
        Entry = "beam.py",
        Environment = "python",
        Limits = """{"memory":1}""",
        Inputs = """{"type":"object"}""",
        Findings = "[]",
        Scan = string.Create(CultureInfo.InvariantCulture, $$"""{"status":"scanned","with":"{{digit}}"}"""),
        Author = "ada",
        CreatedAt = At(0),
    };

    private ValueTask<FunctionAddition> AddAsync(FunctionVersion version) => Store.Functions.AddAsync(version, Source, Stop);

    private async Task<string> VersionsAsync(string name) => string.Concat((await Store.Functions.ListVersionsAsync("default", name, Stop)).Select(version => version.Id[0]));
}
