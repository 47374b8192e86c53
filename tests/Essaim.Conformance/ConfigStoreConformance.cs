using System.Globalization;
using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>The published configuration: compare-and-set, and watching it.</summary>
public abstract class ConfigStoreConformance : BackendConformance
{
    private IConfigStore Configuration => Backend.Configuration;

    [Fact]
    public async Task Read_NothingPublished_IsNull() => Assert.Null(await Configuration.ReadAsync(Stop));

    [Fact]
    public async Task Publish_First_IsStoredWhole()
    {
        ConfigSnapshot? published = await Configuration.PublishAsync(Document("w1@host"), null, Stop);

        ConfigSnapshot? read = await Configuration.ReadAsync(Stop);

        Assert.NotNull(published);
        Assert.Equal((published.Version, published.PublishedAt), (read!.Version, read.PublishedAt));
        Assert.Equal(("w1@host", 7L, "pi-1"), (read.Document.Author, read.Document.Revision, read.Document.Host));
        Assert.Equal(read.Document.Hash, read.DeclaredHash);
        Assert.Equal(Document("").Queues, read.Document.Queues);
        Assert.Equal(Document("").Routes, read.Document.Routes);
        Assert.Equal(Document("").Base, read.Document.Base);
    }

    [Fact]
    public async Task Publish_Versions_GrowAsInstants()
    {
        string? version = null;
        List<decimal> versions = [];
        for (int i = 0; i < 5; i++)
        {
            version = (await Configuration.PublishAsync(Document($"{i}"), version, Stop))!.Version;
            versions.Add(decimal.Parse(version, CultureInfo.InvariantCulture));
        }

        Assert.Equal(versions.Distinct().Order(), versions);
        Assert.Matches(@"^\d+\.\d{6}$", version!);
        Assert.Equal(ConfigVersion.InstantOf(version!), (await Configuration.ReadAsync(Stop))!.PublishedAt);
    }

    [Fact]
    public async Task GetHistory_ManyVersions_AreTheLastTwentyNewestFirst()
    {
        Assert.Empty(await Configuration.GetHistoryAsync(Stop));
        List<string> versions = [];
        for (int i = 0; i < 23; i++)
            versions.Add((await Configuration.PublishAsync(Document($"{i}") with { Revision = i }, versions.LastOrDefault(), Stop))!.Version);

        IReadOnlyList<ConfigSnapshot> history = await Configuration.GetHistoryAsync(Stop);

        Assert.Equal(versions.AsEnumerable().Reverse().Take(20), history.Select(one => one.Version));
        Assert.Equal(("22", 22L, "pi-1"), (history[0].Document.Author, history[0].Document.Revision, history[0].Document.Host));
        Assert.Equal(Document("").Queues, history[19].Document.Queues);
        Assert.Equal(history[0].DeclaredHash, history[0].Document.Hash);
    }

    [Fact]
    public async Task Publish_ExpectedVersion_MustBeCurrent()
    {
        ConfigSnapshot? first = await Configuration.PublishAsync(Document("1"), null, Stop);

        Assert.Null(await Configuration.PublishAsync(Document("x"), null, Stop));
        ConfigSnapshot? second = await Configuration.PublishAsync(Document("2"), first!.Version, Stop);
        Assert.Null(await Configuration.PublishAsync(Document("x"), first.Version, Stop));
        Assert.Null(await Configuration.PublishAsync(Document("x"), "nonsense", Stop));

        Assert.NotEqual(first.Version, second!.Version);
        Assert.Equal("2", (await Configuration.ReadAsync(Stop))!.Document.Author);
    }

    [Fact]
    public async Task Publish_ManyAtOnce_OneWins()
    {
        ConfigSnapshot?[] published = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            async () => await Configuration.PublishAsync(Document($"{i}"), null, Stop), Stop)));

        ConfigSnapshot? winner = Assert.Single(published, snapshot => snapshot is not null);
        Assert.Equal(winner!.Document.Author, (await Configuration.ReadAsync(Stop))!.Document.Author);
    }

    [Fact]
    public async Task Watch_Publications_YieldsCurrentThenEachNew()
    {
        string? version = (await Configuration.PublishAsync(Document("1"), null, Stop))!.Version;
        version = (await Configuration.PublishAsync(Document("2"), version, Stop))!.Version;
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        List<string> seen = [];

        await foreach (ConfigSnapshot snapshot in Configuration.WatchAsync(patience.Token))
        {
            seen.Add(snapshot.Document.Author);
            if (seen.Count == 4)
                break;
            if (seen.Count == 1)
                version = (await Configuration.PublishAsync(Document("3"), version, Stop))!.Version;
            if (seen.Count == 2)
                version = (await Configuration.PublishAsync(Document("4"), version, Stop))!.Version;
            if (seen.Count == 3)
                version = (await Configuration.PublishAsync(Document("5"), version, Stop))!.Version;
        }

        Assert.Equal(["2", "3", "4", "5"], seen);
    }

    private static ConfigDocument Document(string author) => new(
        new Dictionary<string, RawJson> { ["celery"] = RawJson.Parse("""{"name": "celery", "routing_key": "celery"}"""), ["scan.é"] = RawJson.EmptyObject },
        new Dictionary<string, RawJson> { ["scan.*"] = RawJson.Parse("""{"queue": "scan.é"}""") },
        new Dictionary<string, RawJson> { ["timezone"] = RawJson.From("UTC"), ["nothing"] = RawJson.Null, ["big"] = RawJson.Parse("12345678901234567890.50") },
        author)
    { Revision = 7, Host = "pi-1" };
}
