using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Functions as workers find them.</summary>
public abstract class FunctionCatalogConformance : BackendConformance
{
    private static readonly string One = "aaaa1" + new string('0', 59), Two = "aaaa2" + new string('0', 59);

    private IFunctionCatalog Catalog => Backend.Functions;

    [Fact]
    public async Task Find_ByNameAndVersion_FindsTheLatestOrTheOneThatBeginsSo()
    {
        await Catalog.PutAsync(Listing("beam", Two, One, Two), Stop);
        await Catalog.PutAsync(Listing("beam-2", One, One), Stop);

        Assert.Equal(Entry("beam", Two), await Catalog.FindAsync("beam", null, Stop));
        Assert.Equal(Entry("beam", One), await Catalog.FindAsync("beam", One, Stop));
        Assert.Equal(Entry("beam", One), await Catalog.FindAsync("beam", "aaaa1", Stop));
        Assert.Equal(Entry("beam-2", One), await Catalog.FindAsync("beam-2", "aaaa", Stop));
        Assert.Null(await Catalog.FindAsync("beam", "bbbb", Stop));
        Assert.Null(await Catalog.FindAsync("beam", "late", Stop));
        Assert.Null(await Catalog.FindAsync("arch", null, Stop));
        FunctionException several = await Assert.ThrowsAsync<FunctionException>(async () => await Catalog.FindAsync("beam", "aaaa", Stop));
        Assert.Equal(("ESS6023", "Several versions of 'beam' begin with 'aaaa'. Give more digits; 'essaim functions versions beam' lists them."), (several.Code, several.Message));
    }

    [Fact]
    public async Task Put_Again_ReplacesAllOfIt()
    {
        await Catalog.PutAsync(Listing("beam", Two, One, Two), Stop);

        await Catalog.PutAsync(Listing("beam", One, One) with { Stamp = "later" }, Stop);

        Assert.Equal(Entry("beam", One), await Catalog.FindAsync("beam", null, Stop));
        Assert.Null(await Catalog.FindAsync("beam", Two, Stop));
        Assert.Equal(new Dictionary<string, string> { ["beam"] = "later" }, await Catalog.GetStampsAsync(Stop));
    }

    [Fact]
    public async Task Remove_Function_IsGone()
    {
        await Catalog.PutAsync(Listing("beam", One, One), Stop);
        await Catalog.PutAsync(Listing("arch", One, One), Stop);

        Assert.True(await Catalog.RemoveAsync("beam", Stop));
        Assert.False(await Catalog.RemoveAsync("beam", Stop));
        Assert.Null(await Catalog.FindAsync("beam", null, Stop));
        Assert.Equal(["arch"], (await Catalog.GetStampsAsync(Stop)).Keys);
    }

    [Fact]
    public async Task Put_ManyVersions_AreAllFound()
    {
        string[] ids = [.. Enumerable.Range(0, 300).Select(number => number.ToString("x4", System.Globalization.CultureInfo.InvariantCulture) + new string('0', 60))];
        await Catalog.PutAsync(Listing("beam", ids[7], ids), Stop);

        foreach (string id in ids)
            Assert.Equal(Entry("beam", id), await Catalog.FindAsync("beam", id[..4], Stop));
        Assert.Equal(Entry("beam", ids[7]), await Catalog.FindAsync("beam", null, Stop));
    }

    private static RawJson Document(string id) => RawJson.From(new { entry = "é.py", source = id });

    private static FunctionEntry Entry(string name, string id) => new(name, id, Document(id));

    private static FunctionListing Listing(string name, string latest, params string[] ids) => new(name, "stamp of " + name, latest, ids.ToDictionary(id => id, Document));
}
