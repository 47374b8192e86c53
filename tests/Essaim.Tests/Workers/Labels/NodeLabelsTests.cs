namespace Essaim.Tests.Workers.Labels;

public sealed class NodeLabelsTests
{
    private static readonly NodeLabels Labels = new(["site=attic", "gpu"], new MachineFacts("arm64", 4, 4096, null));

    [Theory]
    [InlineData("gpu", true)]
    [InlineData("site", true)]
    [InlineData("site=attic", true)]
    [InlineData("site=cellar", false)]
    [InlineData("gpu=big", false)]
    [InlineData("arch=arm64", true)]
    [InlineData("arch=x64", false)]
    [InlineData("cores=4", true)]
    [InlineData("camera", false)]
    public void Meet_OneRequirement_ByNameOrByNameAndValue(string requirement, bool met) => Assert.Equal(met, Labels.Meet([requirement]));

    [Fact]
    public void Meet_SeveralRequirements_OnlyAllTogether()
    {
        Assert.True(Labels.Meet([]));
        Assert.True(Labels.Meet(["gpu", "arch=arm64"]));
        Assert.False(Labels.Meet(["gpu", "arch=x64"]));
    }

    [Fact]
    public void Own_BareLabel_IsTrue() => Assert.Equal(
        new Dictionary<string, object> { ["site"] = "attic", ["gpu"] = true }, Labels.Own);

    [Theory]
    [InlineData("")]
    [InlineData("=attic")]
    [InlineData("site=")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("a@b")]
    [InlineData("a:b")]
    [InlineData("a=b=c")]
    public void Mistake_NoLabel_IsToldWithTheRule(string label) => Assert.Equal(
        $"'{label}' is no label: write NAME or NAME=VALUE, of letters, digits, dot, dash and underscore.", NodeLabels.Mistake(label));
}
