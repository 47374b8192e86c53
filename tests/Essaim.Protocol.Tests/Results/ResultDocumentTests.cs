namespace Essaim.Protocol.Tests;

public sealed class ResultDocumentTests
{
    [Fact]
    public void Encode_OfEveryField_ReadsBack()
    {
        ResultDocument document = new()
        {
            TaskId = "id",
            State = TaskState.Success,
            Result = RawJson.Parse("[1, {\"a\": null}]"),
            Traceback = "line\n\"quoted\"",
            Children = RawJson.Parse("[[[\"c\", null], null]]"),
            DateDone = new DateTimeOffset(2026, 11, 22, 2, 0, 0, TimeSpan.Zero).AddTicks(5_000_009),
            GroupId = "g",
            ParentId = "p",
            Name = "n",
            Args = RawJson.EmptyArray,
            Kwargs = RawJson.EmptyObject,
            Worker = "w@h",
            Retries = 2,
            Queue = "q",
        };

        byte[] text = document.Encode();

        Assert.Equal(
            """
            {"status":"SUCCESS","result":[1, {"a": null}],"traceback":"line\n\"quoted\"","children":[[["c", null], null]],"date_done":"2026-11-22T02:00:00.500000+00:00","group_id":"g","parent_id":"p","task_id":"id","name":"n","args":[],"kwargs":{},"worker":"w@h","retries":2,"queue":"q"}
            """,
            System.Text.Encoding.UTF8.GetString(text));
        Assert.Equal(document with { DateDone = document.DateDone!.Value.AddTicks(-9) }, ResultDocument.Decode(text));
    }

    [Fact]
    public void Decode_WithoutChildren_ReadsAnEmptyListAndNullStaysNull()
    {
        Assert.Equal(RawJson.EmptyArray, ResultDocument.Decode("{\"task_id\": \"i\", \"status\": \"MINE\"}".Bytes()).Children);
        Assert.Equal(RawJson.Null, ResultDocument.Decode("{\"task_id\": \"i\", \"status\": \"MINE\", \"children\": null}".Bytes()).Children);
    }

    [Theory]
    [InlineData("[]", "result document (byte 0) must be an object, and is a list.")]
    [InlineData("{\"status\": \"SUCCESS\"}", "The result document has no task_id. Celery writes one in every result.")]
    [InlineData("{\"task_id\": \"i\"}", "The result document has no status. Celery writes one in every result.")]
    [InlineData("{\"result\": NaN}", "The result document is not JSON that can be read: byte 11 begins NaN, which Python's json writes but JSON does not have. Send null, a string or a finite number instead.")]
    [InlineData("{\"children\": {}}", "children (byte 13) must be a list, and is an object.")]
    [InlineData("{\"date_done\": \"now\"}", "date_done (byte 14) must be an ISO 8601 time, and is \"now\".")]
    public void Decode_OfWhatIsNoResult_NamesWhatIsWrong(string json, string expected) =>
        Assert.Equal(expected, Assert.Throws<MessageFormatException>(() => ResultDocument.Decode(json.Bytes())).Message);

    [Fact]
    public void Encode_OfAResultThatIsNotJson_Refuses()
    {
        ResultDocument document = new() { TaskId = "i", State = TaskState.Success, Result = new RawJson("1}"u8.ToArray()) };

        MessageFormatException error = Assert.Throws<MessageFormatException>(document.Encode);

        Assert.Equal("The result is not JSON that can be read: byte 1 ('}') cannot stand there.", error.Message);
        Assert.Equal("result", error.Field);
    }
}
