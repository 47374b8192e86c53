namespace Essaim.Tests.App;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("90", 90_000)]
    [InlineData("1.5", 1_500)]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("0", 0)]
    public void TryParse_Duration_IsRead(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), DurationText.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("5 m")]
    [InlineData("5x")]
    [InlineData("m5")]
    [InlineData("1,5")]
    [InlineData("1e9")]
    [InlineData("99999999999999")]
    [InlineData("9999999d")]
    public void TryParse_SomethingElse_IsNull(string text) => Assert.Null(DurationText.TryParse(text));
}
