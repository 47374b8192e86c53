using System.Text.Json;

namespace Essaim.Protocol.Tests;

public sealed class PythonReprTests
{
    public PythonReprTests() => Bzip2.Register();

    /// <summary>400 values that CPython wrote as JSON and as repr.</summary>
    [Fact]
    public void Write_OfWhatPythonShowed_IsTheSameText()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Json", "python-repr.json")));
        foreach (JsonElement pair in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            string json = pair.GetProperty("json").GetString()!;
            Assert.Equal(pair.GetProperty("repr").GetString(), PythonRepr.Write(RawJson.Parse(json), int.MaxValue));
        }
    }

    [Theory]
    [InlineData("[]", "()")]
    [InlineData("[2]", "(2,)")]
    [InlineData("[2, \"a\", [1]]", "(2, 'a', [1])")]
    public void WriteArgs_OfAList_IsATuple(string json, string expected) => Assert.Equal(expected, PythonRepr.WriteArgs(RawJson.Parse(json)));

    [Fact]
    public void WriteArgs_OfCapturedArguments_IsWhatCelerySent()
    {
        int compared = 0;
        foreach ((string capture, byte[] text) in CaptureFiles.Envelopes)
        {
            TaskMessage message = MessageCodec.Decode(text);
            // These show values JSON has no form for, what the user set, or a line break that Celery leaves unescaped.
            if (capture is "celery-5.6/typed_json" or "celery-5.2/options_misc" or "celery-5.2/unicode_task")
                continue;
            TaskBody body = MessageCodec.ReadBody(message);
            if (message.ArgsRepr!.Contains("...", StringComparison.Ordinal) || message.KwargsRepr!.Contains("...", StringComparison.Ordinal))
                continue;
            compared++;
            Assert.Equal(message.ArgsRepr, PythonRepr.WriteArgs(body.Args));
            Assert.Equal(message.KwargsRepr, PythonRepr.Write(body.Kwargs));
        }

        Assert.True(compared > 200, $"only {compared} were compared");
    }

    [Theory]
    [InlineData("\"0123456789\"", 10, "'012345...")]
    [InlineData("\"01234567\"", 10, "'01234567'")]
    [InlineData("[1, 2, 3, 4, 5, 6]", 10, "[1, 2, ...")]
    [InlineData("\"abcdef\\ud83d\\ude00gh\"", 11, "'abcdef...")]
    public void Write_PastTheLimit_EndsInDots(string json, int maxChars, string expected) =>
        Assert.Equal(expected, PythonRepr.Write(RawJson.Parse(json), maxChars));

    [Fact]
    public void Write_OfWhatIsNotJson_NamesThePosition()
    {
        MessageFormatException error = Assert.Throws<MessageFormatException>(() => PythonRepr.Write(new RawJson("[1,]"u8.ToArray())));

        Assert.Equal("The value to be shown is not JSON that can be read: byte 3 (']') cannot stand there.", error.Message);
        Assert.Equal(3, error.Position);
    }
}
