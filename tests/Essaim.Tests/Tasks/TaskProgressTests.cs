using Essaim.Protocol;

namespace Essaim.Tests.Tasks;

public sealed class TaskProgressTests
{
    [Fact]
    public void Encode_ThenDecode_IsTheSame()
    {
        TaskProgress progress = new(0.25, "reading", RawJson.Parse("""{"a":1}"""));

        Assert.Equal("""{"fraction":0.25,"current":25,"total":100,"text":"reading","data":{"a":1}}""", progress.Encode().ToString());
        Assert.Equal(progress, TaskProgress.Decode(progress.Encode()));
    }

    [Theory]
    [InlineData("""{"current": 3, "total": 12}""", 0.25, null, "null")]
    [InlineData("""{"current": 3, "total": 0}""", null, null, """{"current": 3, "total": 0}""")]
    [InlineData("""{"percent": 3}""", null, null, """{"percent": 3}""")]
    [InlineData("\"reading\"", null, "reading", "\"reading\"")]
    [InlineData("17", null, null, "17")]
    [InlineData("not json", null, null, "null")]
    public void Decode_OfOthersHabits_MakesTheBestOfThem(string json, double? fraction, string? text, string data)
    {
        TaskProgress progress = TaskProgress.Decode(new RawJson(System.Text.Encoding.UTF8.GetBytes(json)));

        Assert.Equal((fraction, text, data), (progress.Fraction, progress.Text, progress.Data.ToString()));
    }
}
