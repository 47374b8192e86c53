namespace MusicLibrary.Tests.Commands;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("Étude 🐝", "Étude 🐝")]
    [InlineData("a\nb\tc\r", "a\\nb\\tc\\r")]
    [InlineData("\e[2J\0", "\\x1b[2J\\x00")]
    public void Of_Name_ShowsControlCharactersAsText(string name, string shown) => Assert.Equal(shown, Printable.Of(name));
}
