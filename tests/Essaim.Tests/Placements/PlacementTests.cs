using Essaim.Protocol;

namespace Essaim.Tests.Placements;

public sealed class PlacementTests
{
    private static readonly Placement Placed = new([Placement.ReadGroup("site=attic:scan,extract"), Placement.ReadGroup("pi*@*:vector,scan")]);

    [Theory]
    [InlineData("w@cellar", "", "batch,mail")]
    [InlineData("w@attic", "site=attic", "scan,extract")]
    [InlineData("pi1@shed", "", "vector,scan")]
    [InlineData("pi1@attic", "site=attic", "scan,extract,vector")]
    public void QueuesOf_GroupsThatHoldTheNode_ElseWhatNoGroupHas(string node, string label, string queues) =>
        Assert.Equal(queues, string.Join(',', Placed.QueuesOf(node, wanted => wanted == label, ["scan", "batch", "vector", "mail"])));

    [Fact]
    public void QueuesOf_Everyone_IsWhatItWasStartedWith() => Assert.Equal(["b", "a"], Placement.Everyone.QueuesOf("w@h", _ => false, ["b", "a"]));

    [Fact]
    public void Write_ThenRead_IsTheSame()
    {
        Placement read = Placement.Read(Document(Placed.Write()));

        Assert.Equal(Placed.Write(), read.Write());
        Assert.Equal("""{"mode":"specialised","groups":[{"match":"site=attic","queues":["scan","extract"]},{"match":"pi*@*","queues":["vector","scan"]}]}""", Placed.Write().ToString());
        Assert.False(Placement.Read(Document(Placement.Everyone.Write())).IsSpecialised);
        Assert.False(Placement.Read(null).IsSpecialised);
    }

    [Theory]
    [InlineData("""{"groups":[{"match":"gpu"}]}""")]
    [InlineData("""{"groups":[{"match":"gpu","queues":[]}]}""")]
    [InlineData("""{"groups":[{"match":"a b","queues":["q"]}]}""")]
    [InlineData("[]")]
    public void Read_Wrong_IsRefused(string json) =>
        Assert.StartsWith("The placement is wrong: ", Assert.Throws<FormatException>(() => Placement.Read(Document(RawJson.Parse(json)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("scan", "'' is no label: write NAME or NAME=VALUE, of letters, digits, dot, dash and underscore.")]
    [InlineData("gpu:", "names no queue, or one without a name.")]
    public void ReadGroup_Wrong_SaysHowItIsWritten(string text, string why) => Assert.Equal(
        $"'{text}' is no group of nodes: {why} Write MATCH:QUEUE,QUEUE, such as site=attic:scan,extract or 'pi*@*:scan'.",
        Assert.Throws<FormatException>(() => Placement.ReadGroup(text)).Message);

    [Fact]
    public async Task Publish_ChangesThePlacementAndNothingElse()
    {
        InMemoryConfigStore store = new(TimeProvider.System);
        CancellationToken stop = TestContext.Current.CancellationToken;
        ConfigDocument before = Document(RawJson.Parse("{}")) with { Queues = new Dictionary<string, RawJson> { ["q"] = RawJson.Parse("""{"name":"q"}""") } };
        await store.PublishAsync(before with { Base = new Dictionary<string, RawJson> { ["other"] = RawJson.Parse("1") } }, null, stop);

        await new PlacementPublisher(store, "me@here").PublishAsync(Placed, stop);

        ConfigDocument after = (await store.ReadAsync(stop))!.Document;
        Assert.Equal(["q"], after.Queues.Keys);
        Assert.Equal(["other", "placement"], after.Base.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("me@here", after.Author);
    }

    private static ConfigDocument Document(RawJson placement) => new(
        new Dictionary<string, RawJson>(), new Dictionary<string, RawJson>(), new Dictionary<string, RawJson> { ["placement"] = placement }, "test");
}
