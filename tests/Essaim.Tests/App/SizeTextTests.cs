namespace Essaim.Tests.App;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("8192", 8192)]
    [InlineData("0", 0)]
    [InlineData("8k", 8192)]
    [InlineData("8K", 8192)]
    [InlineData("8KiB", 8192)]
    [InlineData("1.5M", 1_572_864)]
    [InlineData("2G", 2_147_483_648)]
    [InlineData("10B", 10)]
    public void TryParse_Size_IsRead(string text, long bytes) => Assert.Equal(bytes, SizeText.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("big")]
    [InlineData("-8k")]
    [InlineData("8 k")]
    [InlineData("8T")]
    [InlineData("k8")]
    [InlineData("99999999999G")]
    public void TryParse_SomethingElse_IsNull(string text) => Assert.Null(SizeText.TryParse(text));
}
