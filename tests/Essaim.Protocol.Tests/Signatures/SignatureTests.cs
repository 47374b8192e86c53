using System.Text.Json.Nodes;

namespace Essaim.Protocol.Tests;

public sealed class SignatureTests
{
    [Fact]
    public void Encode_OfEverySignatureInEveryCapture_SaysWhatPythonSaid()
    {
        Bzip2.Register();
        int compared = 0;
        foreach ((string capture, byte[] text) in CaptureFiles.Envelopes)
        {
            foreach (JsonObject signature in Signatures(JsonNode.Parse(MessageBody.Open(MessageCodec.Decode(text), int.MaxValue).Span)))
            {
                JsonNode actual = JsonNode.Parse(Signature.Decode(new RawJson(signature.Bytes())).Encode().Utf8.Span)!;
                // An option that is null reads as not given.
                SameJson.DropNulls(signature["options"]);
                SameJson.DropNulls(actual["options"]);
                SameJson.Assert(signature, actual, capture);
                compared++;
            }
        }

        Assert.True(compared > 50, $"only {compared} signatures were compared");
    }

    [Fact]
    public void GetHeader_OfACapturedChord_ReadsTheGroupInIt()
    {
        TaskMessage message = MessageCodec.Decode(CaptureFiles.EnvelopesOf("celery-5.2/nested_canvas")[0]);

        Signature chord = Assert.Single(MessageCodec.ReadBody(message).Embed.Chain);

        Assert.Equal(("celery.chord", "chord"), (chord.Task, chord.SubtaskType));
        Assert.Equal(["tasks.add", "tasks.mul"], chord.GetHeader().Select(member => member.Task));
        Assert.Equal([0, 1], chord.GetHeader().Select(member => member.Options.GroupIndex));
        Assert.Equal("tasks.tsum", chord.GetBody()!.Task);
        Assert.Equal("tasks.tsum", chord.GetHeader()[0].Options.Chord!.Task);
        Assert.Empty(chord.GetTasks());
    }

    [Fact]
    public void Canvas_OfSignatures_ReadsBack()
    {
        Signature first = new() { Task = "a", Args = RawJson.Parse("[1]"), Options = new SignatureOptions { TaskId = "1", Queue = "q" } };
        Signature second = new() { Task = "b", Immutable = true };
        SignatureOptions options = new() { TaskId = "group-1" };

        Signature chain = Signature.Decode(Signature.ChainOf([first, second]).Encode());
        Signature group = Signature.Decode(Signature.GroupOf([first, second], options).Encode());
        Signature chord = Signature.Decode(Signature.ChordOf([first, second], chain, options).Encode());

        Assert.Equal(("celery.chain", "chain"), (chain.Task, chain.SubtaskType));
        Assert.Equal(["a", "b"], chain.GetTasks().Select(task => task.Task));
        Assert.Equal(("1", "q", "[1]"), (chain.GetTasks()[0].Options.TaskId, chain.GetTasks()[0].Options.Queue, chain.GetTasks()[0].Args.ToString()));
        Assert.Equal(("celery.group", "group", "group-1"), (group.Task, group.SubtaskType, group.Options.TaskId));
        Assert.Equal([false, true], group.GetTasks().Select(task => task.Immutable));
        Assert.Equal(["a", "b"], chord.GetHeader().Select(task => task.Task));
        Assert.Equal("b", chord.GetBody()!.GetTasks()[1].Task);
    }

    [Fact]
    public void GetHeader_OfOneGroupInAList_IsThatGroup()
    {
        Signature group = Signature.GroupOf([new Signature { Task = "a" }]);

        Assert.Equal("celery.group", Assert.Single(Signature.ChordOf([group], new Signature { Task = "b" }).GetHeader()).Task);
    }

    [Fact]
    public void Decode_OfEveryOption_ReadsIt()
    {
        SignatureOptions options = Signature.Decode(RawJson.Parse("""
            {"task": "t", "options": {"countdown": 1.5, "expires": 60, "eta": {"__type__": "datetime", "__value__": "2031-01-02T03:04:05+00:00"},
             "time_limit": 30, "soft_time_limit": 20.5, "priority": 3, "retries": 1, "link": {"task": "one"}, "link_error": [{"task": "two"}],
             "chain": [{"task": "three"}], "headers": {"h": [1]}, "mine": {"x": 1}, "ignore_result": true, "shadow": null}}
            """)).Options;

        Assert.Equal((TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(60), null), (options.Countdown, options.ExpiresIn, options.Expires));
        Assert.Equal(new DateTimeOffset(2031, 1, 2, 3, 4, 5, TimeSpan.Zero), options.Eta);
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(20.5)), (options.TimeLimit, options.SoftTimeLimit));
        Assert.Equal((3, 1, true, null), (options.Priority, options.Retries, options.IgnoreResult, options.Shadow));
        Assert.Equal("one", Assert.Single(options.Link!).Task);
        Assert.Equal("two", Assert.Single(options.LinkError!).Task);
        Assert.Equal("three", Assert.Single(options.Chain!).Task);
        Assert.Equal("[1]", options.Headers!["h"].ToString());
        Assert.Equal("{\"x\": 1}", Assert.Single(options.Other!).Value.ToString());
    }

    [Fact]
    public void Decode_NestedTooDeep_SaysHowDeepItMayBe()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"task\":\"t\",\"options\":{\"chord\":", 65)) + "null" + new string('}', 130);
        string enough = string.Concat(Enumerable.Repeat("{\"task\":\"t\",\"options\":{\"chord\":", 64)) + "null" + new string('}', 128);

        MessageFormatException error = Assert.Throws<MessageFormatException>(() => Signature.Decode(RawJsonOf(deep)));

        Assert.Equal(
            "The signature in options.chord is nested 65 deep, and 64 are allowed. Send a long workflow as a chain, which is a list.", error.Message);
        Assert.Equal("t", Signature.Decode(Signature.Decode(RawJsonOf(enough)).Encode()).Task);
    }

    [Fact]
    public void Encode_NestedTooDeep_Refuses()
    {
        Signature signature = new() { Task = "t" };
        for (int level = 0; level < 64; level++)
            signature = new Signature { Task = "t", Options = new SignatureOptions { Link = [signature] } };

        Assert.Throws<MessageFormatException>(() => signature.Encode());
    }

    [Theory]
    [InlineData("[]", "signature (byte 0) must be a signature (an object), and is a list.")]
    [InlineData("{\"task\": \"\"}", "The signature (byte 0) names no task. It must have a non-empty \"task\".")]
    [InlineData("{\"task\": \"t\", \"args\": {}}", "signature.args (byte 22) must be a list, and is an object.")]
    [InlineData("{\"task\": \"t\", \"options\": []}", "signature.options (byte 25) must be an object, and is a list.")]
    [InlineData("{\"task\": \"t\", \"options\": {\"link\": 3}}", "options.link (byte 34) must be a list of signatures, and is 3.")]
    public void Decode_OfWhatIsNoSignature_NamesWhatIsWrong(string json, string expected) =>
        Assert.Equal(expected, Assert.Throws<MessageFormatException>(() => Signature.Decode(RawJsonOf(json))).Message);

    private static RawJson RawJsonOf(string text) => new(text.Bytes());

    private static IEnumerable<JsonObject> Signatures(JsonNode? node)
    {
        IEnumerable<JsonNode?> children = node switch { JsonObject map => map.Select(pair => pair.Value), JsonArray list => list, _ => [] };
        IEnumerable<JsonObject> below = children.SelectMany(Signatures);
        return node is JsonObject signature && signature.ContainsKey("subtask_type") ? below.Prepend((JsonObject)signature.DeepClone()) : below;
    }
}
