namespace Essaim.Tests.App;

public sealed class PlainTableTests
{
    [Fact]
    public void Write_Rows_AlignsColumnsAndTrimsLines()
    {
        using StringWriter text = new() { NewLine = "\n" };
        PlainTable.Write(text, ["NAME", "N"], [["a", "1"], ["longer", ""]]);
        Assert.Equal("NAME    N\na       1\nlonger\n", text.ToString());
    }
}
