using Essaim.Protocol;
using Essaim.Testing;
using Essaim.Tests.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Tests.Configuration;

/// <summary>Revisions decide; nobody overwrites in turns.</summary>
public sealed class ConfigPublisherTests
{
    private readonly InMemoryConfigStore _store = new(new FakeTimeProvider());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Offer_NothingPublished_Publishes_AndTheSameAgainDoesNot()
    {
        (SourceStanding standing, ConfigSnapshot published) = await Publisher().OfferAsync(Source(1, "scan"), Stop);
        (SourceStanding again, ConfigSnapshot same) = await Publisher().OfferAsync(Source(1, "scan"), Stop);

        Assert.Equal((SourceStanding.Published, SourceStanding.Published), (standing, again));
        Assert.Equal(published.Version, same.Version);
        Assert.Equal(("w@h", Environment.MachineName, 1L), (published.Document.Author, published.Document.Host, published.Document.Revision));
        Assert.Single(await _store.GetHistoryAsync(Stop));
    }

    [Theory]
    [InlineData(2, "mail", nameof(SourceStanding.Published), "mail")]
    [InlineData(0, "mail", nameof(SourceStanding.Behind), "scan")]
    [InlineData(1, "mail", nameof(SourceStanding.Conflict), "scan")]
    [InlineData(2, "scan", nameof(SourceStanding.Published), "scan")]
    public async Task Offer_OtherThanPublished_TheHigherRevisionWins(long revision, string queue, string expected, string published)
    {
        await Publisher().OfferAsync(Source(1, "scan"), Stop);

        (SourceStanding standing, ConfigSnapshot current) = await Publisher().OfferAsync(Source(revision, queue), Stop);

        Assert.Equal((expected, published), (standing.ToString(), Assert.Single(current.Document.Queues).Key));
        Assert.Equal(Math.Max(1, revision), current.Document.Revision);
    }

    [Fact]
    public async Task Offer_TwoAtOnce_NoPingPong()
    {
        ConfigSource one = Source(5, "one"), two = Source(5, "two"), three = Source(6, "three");

        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(async () => await Publisher().OfferAsync(i % 3 == 0 ? one : i % 3 == 1 ? two : three, Stop), Stop)));

        IReadOnlyList<ConfigSnapshot> history = await _store.GetHistoryAsync(Stop);
        Assert.Equal("three", Assert.Single(history[0].Document.Queues).Key);
        Assert.InRange(history.Count, 1, 2);
        Assert.Equal(SourceStanding.Behind, (await Publisher().OfferAsync(one, Stop)).Standing);
    }

    [Fact]
    public async Task Offer_OlderThanPublished_SaysSoInOneLine()
    {
        ListLogger log = new();
        await Publisher().OfferAsync(Source(2, "scan"), Stop);
        await new ConfigPublisher(_store, "w2@h", log.CreateLogger("")).OfferAsync(Source(1, "scan"), Stop);
        await new ConfigPublisher(_store, "w2@h", log.CreateLogger("")).OfferAsync(Source(1, "mail"), Stop);
        await new ConfigPublisher(_store, "w2@h", log.CreateLogger("")).OfferAsync(Source(3, "mail"), Stop);

        Assert.Contains("[CELERY_CONFIG_PUBLISHER] out of sync: test (revision 1) is older than what is published (revision 2 by w@h), which is followed. Update it.", log.Lines);
        Assert.Contains(log.Lines, line => line.StartsWith("[CELERY_CONFIG_PUBLISHER] published 1767", StringComparison.Ordinal) && line.EndsWith(": revision 3 of test, 1 queues, 0 routes, 0 settings", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Offer_PlacementInForce_Stays()
    {
        await Publisher().OfferAsync(Source(1, "scan"), Stop);
        await new PlacementPublisher(_store, "op").PublishAsync(new Placement([new PlacementGroup("gpu", ["scan"])]), Stop);

        (SourceStanding same, _) = await Publisher().OfferAsync(Source(1, "scan"), Stop);
        (_, ConfigSnapshot newer) = await Publisher().OfferAsync(Source(2, "mail"), Stop);

        Assert.Equal(SourceStanding.Published, same);
        Assert.True(Placement.Read(newer.Document).IsSpecialised);
        Assert.Equal(newer.DeclaredHash, newer.Document.Hash);
    }

    [Fact]
    public async Task Publish_RevisionNotAbove_IsRefusedUnlessForced()
    {
        await Publisher().PublishAsync(Source(4, "scan"), force: false, Stop);

        ConfigException refused = await Assert.ThrowsAsync<ConfigException>(async () => await Publisher().PublishAsync(Source(4, "mail"), force: false, Stop));
        ConfigSnapshot forced = await Publisher().PublishAsync(Source(2, "mail"), force: true, Stop);

        Assert.Equal("ESS1304", refused.Code);
        Assert.Equal("test declares revision 4, and 4 of w@h is published with other content. Look at 'config diff', write revision: 5 and publish again, or publish it all the same with --force.", refused.Message);
        Assert.Equal(("mail", 4L), (Assert.Single(forced.Document.Queues).Key, forced.Document.Revision));
    }

    [Fact]
    public async Task RollBack_Earlier_KeepsTheHigherRevision_SoThatTheSourceDoesNotComeBack()
    {
        ConfigSnapshot first = await Publisher().PublishAsync(Source(1, "scan"), false, Stop);
        await Publisher().PublishAsync(Source(2, "broken"), false, Stop);

        ConfigSnapshot back = await Publisher().RollBackAsync(first.Version, Stop);

        Assert.Equal(("scan", 2L), (Assert.Single(back.Document.Queues).Key, back.Document.Revision));
        Assert.NotEqual(first.Version, back.Version);
        Assert.Equal(SourceStanding.Conflict, (await Publisher().OfferAsync(Source(2, "broken"), Stop)).Standing);
        Assert.Equal(SourceStanding.Published, (await Publisher().OfferAsync(Source(3, "fixed"), Stop)).Standing);
        Assert.Equal("ESS1305", (await Assert.ThrowsAsync<ConfigException>(async () => await Publisher().RollBackAsync("1.000000", Stop))).Code);
    }

    [Fact]
    public void Diff_EachField_IsNamed()
    {
        ConfigDocument before = Document("""{"scan":{"name":"scan","concurrency":4},"old":{"name":"old"}}""", """{"a.*":{"queue":"scan"}}""", """{"x":1,"y":[1]}""");
        ConfigDocument after = Document("""{"scan":{"name":"scan","concurrency":8,"fifo":true},"new":{"name":"new"}}""", """{"a.*":{"queue":"new"}}""", """{"x":1.0,"y":[1, 2]}""");

        Assert.Equal(
            ["+ queues.new: {\"name\":\"new\"}", "- queues.old: {\"name\":\"old\"}", "~ queues.scan.concurrency: 4 -> 8", "+ queues.scan.fifo: true", "~ routes.a.*.queue: \"scan\" -> \"new\"", "~ base.y: [1] -> [1, 2]"],
            ConfigDiff.Between(before, after).Select(change => change.ToString()));
    }

    [Fact]
    public void Routes_OfPublished_TheMoreLiteralPatternIsStronger()
    {
        TaskRoutes routes = RouteOrder.Apply(new Dictionary<string, string> { ["*"] = "rest", ["scan.*"] = "scan", ["scan.deep.*"] = "deep", ["scan.deep.one"] = "one", ["*.x"] = "x" });

        Assert.Equal(("one", "deep", "scan", "x", "rest"), (routes.Find("scan.deep.one"), routes.Find("scan.deep.two"), routes.Find("scan.x"), routes.Find("mail.x"), routes.Find("mail")));
    }

    private ConfigPublisher Publisher() => new(_store, "w@h", NullLogger.Instance);

    private static ConfigSource Source(long revision, string queue) =>
        ConfigSource.Of("test", revision, [new QueueDefinition(queue)], new Dictionary<string, string>(), new Dictionary<string, object?>());

    private static ConfigDocument Document(string queues, string routes, string settings) => new(Part(queues), Part(routes), Part(settings), "");

    private static Dictionary<string, RawJson> Part(string json) =>
        RawJson.Parse(json).Deserialize<Dictionary<string, System.Text.Json.JsonElement>>()!.ToDictionary(one => one.Key, one => RawJson.Parse(one.Value.GetRawText()));
}
