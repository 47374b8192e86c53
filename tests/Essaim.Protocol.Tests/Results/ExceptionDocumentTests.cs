namespace Essaim.Protocol.Tests;

public sealed class ExceptionDocumentTests
{
    [Fact]
    public void Of_OneText_WritesAListOfIt()
    {
        ExceptionDocument error = ExceptionDocument.Of("ValueError", "it's \"no\"", "builtins");

        Assert.Equal("""{"exc_type":"ValueError","exc_message":["it's \"no\""],"exc_module":"builtins"}""", error.Encode().ToString());
        Assert.Equal(error, ExceptionDocument.Decode(error.Encode()));
        Assert.Equal("it's \"no\"", error.GetText());
        Assert.Equal("""ValueError('it\'s "no"')""", error.ToRepr());
    }

    [Theory]
    [InlineData("[]", "", "Gone()")]
    [InlineData("[\"a\", 1, null]", "a, 1, null", "Gone('a', 1, None)")]
    [InlineData("\"text\"", "text", "Gone('text')")]
    [InlineData("[\"\", \"b\"]", ", b", "Gone('', 'b')")]
    [InlineData("[\"no \\udcff.mp3\"]", "no \\udcff.mp3", "Gone('no \\udcff.mp3')")]
    public void Decode_OfAnyArguments_ShowsThem(string message, string text, string repr)
    {
        ExceptionDocument error = ExceptionDocument.Decode(RawJson.Parse($$"""{"exc_type": "Gone", "exc_message": {{message}}, "exc_module": null}"""));

        Assert.Equal((text, repr, ""), (error.GetText(), error.ToRepr(), error.Module));
        Assert.EndsWith("\"exc_module\":null}", error.Encode().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToRepr_OfACapturedPart_IsWhatTheChordErrorSays()
    {
        ResultDocument[] documents = [.. CaptureFiles.Results.Where(text => text.Capture == "celery-5.2/chord_error").Select(text => ResultDocument.Decode(text.Text))];
        ExceptionDocument chord = ExceptionDocument.Decode(documents.First(document => document.Result.ToString().Contains("ChordError", StringComparison.Ordinal)).Result);
        ResultDocument part = documents.First(document => chord.GetText().Contains(document.TaskId, StringComparison.Ordinal));

        Assert.Equal($"Dependency {part.TaskId} raised {ExceptionDocument.Decode(part.Result).ToRepr()}", chord.GetText());
    }

    [Theory]
    [InlineData("5", "exception document (byte 0) must be an object, and is 5.")]
    [InlineData("{\"exc_message\": []}", "The exception document has no exc_type. It must name the error's class.")]
    [InlineData("{\"exc_type\": [1]}", "exc_type (byte 13) must be text, and is a list.")]
    public void Decode_OfWhatIsNoError_NamesWhatIsWrong(string json, string expected) =>
        Assert.Equal(expected, Assert.Throws<MessageFormatException>(() => ExceptionDocument.Decode(RawJson.Parse(json))).Message);
}
