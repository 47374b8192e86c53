using Essaim.Protocol;

namespace Essaim.Tests.Tasks;

public sealed class RequirementsTests
{
    [Fact]
    public void Normal_IsSortedAndHasEachOnce() => Assert.Equal("arch=arm64,gpu", Requirements.Normal(["gpu", "arch=arm64", "gpu"]));

    [Fact]
    public void Normal_NoLabel_IsRefused() => Assert.StartsWith(
        "'a b' is no label: write NAME or NAME=VALUE", Assert.Throws<ArgumentException>(() => Requirements.Normal(["a b"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"gpu, arch=arm64\"", "arch=arm64,gpu")]
    [InlineData("[\"gpu\",\"arch=arm64\",7]", "arch=arm64,gpu")]
    [InlineData("\"\"", null)]
    [InlineData("[]", null)]
    [InlineData("7", null)]
    public void Of_Header_TextOrListOfWhoeverWroteIt(string json, string? normal) =>
        Assert.Equal(normal, Requirements.Of(new Dictionary<string, RawJson> { [EssaimHeaders.Requires] = RawJson.Parse(json) }));

    [Theory]
    [InlineData("scan", "gpu", "scan@gpu")]
    [InlineData("scan@gpu", "arch=x64,gpu", "scan@arch=x64,gpu")]
    [InlineData("scan", null, "scan")]
    public void QueueFor_IsDerivedFromTheQueue(string queue, string? normal, string derived) => Assert.Equal(derived, Requirements.QueueFor(queue, normal));

    [Fact]
    public void OfQueue_IsWhatItsMessagesRequire()
    {
        Assert.Equal(["arch=x64", "gpu"], Requirements.OfQueue("scan@arch=x64,gpu"));
        Assert.Empty(Requirements.OfQueue("scan"));
        Assert.Empty(Requirements.OfQueue("@odd"));
    }
}
