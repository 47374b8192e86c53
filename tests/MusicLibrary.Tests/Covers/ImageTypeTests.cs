namespace MusicLibrary.Tests.Covers;

public sealed class ImageTypeTests
{
    [Theory]
    [InlineData("FFD8FFE0", "jpg")]
    [InlineData("89504E470D0A", "png")]
    [InlineData("524946460000000057454250", "webp")]
    [InlineData("3C737667", null)]
    [InlineData("", null)]
    public void Of_FirstBytes_NamesTheKind(string hex, string? type) => Assert.Equal(type, ImageType.Of(Convert.FromHexString(hex)));
}
