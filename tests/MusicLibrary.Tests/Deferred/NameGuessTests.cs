namespace MusicLibrary.Tests.Deferred;

public sealed class NameGuessTests
{
    [Theory]
    [InlineData("/m/03 - Étude.mp3", "Étude", "", 3)]
    [InlineData("/m/03. Étude.mp3", "Étude", "", 3)]
    [InlineData("/m/03 - Björk - Étude.mp3", "Étude", "Björk", 3)]
    [InlineData("/m/Björk - Étude - Live.mp3", "Étude - Live", "Björk", null)]
    [InlineData("/m/99 Luftballons.mp3", "Luftballons", "", 99)]
    [InlineData("/m/some_song.mp3", "some song", "", null)]
    [InlineData("/m/7.mp3", "7", "", null)]
    [InlineData("/m/a\nb.mp3", "a\nb", "", null)]
    [InlineData("/m/.mp3", "", "", null)]
    public void From_Name_GivesItsParts(string path, string title, string artist, int? number) =>
        Assert.Equal(new NameGuess(title, artist, number), NameGuess.From(path));
}
