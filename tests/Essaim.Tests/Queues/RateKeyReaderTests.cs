using Essaim.Protocol;

namespace Essaim.Tests.Queues;

public sealed class RateKeyReaderTests
{
    [Theory]
    [InlineData("tenant", """["x", 5]""", """{"tenant": "acme"}""", "acme")]
    [InlineData("page", """["http://a.example/x", 5]""", "{}", "5")]
    [InlineData("url|host", """["http://a.example:8080/x"]""", "{}", "a.example")]
    [InlineData("url|host", "[]", """{"url": "https://B.example/y"}""", "b.example")]
    [InlineData("url|host", """["no url at all"]""", "{}", "no url at all")]
    [InlineData("trackId", "[]", """{"track_id": 7}""", "7")]
    [InlineData("tenant", "[]", "{}", null)]
    [InlineData("tenant", "[]", """{"tenant": null}""", null)]
    public void Read_Argument_ByNameOrPosition(string expression, string args, string kwargs, string? expected)
    {
        TaskRegistryBuilder builder = new();
        builder.AddTask("fetch", (string url, int page) => $"{url}{page}");
        builder.Build().TryGet("fetch", out TaskDefinition? definition);
        TaskMessage message = MessageCodec.WithBody(
            new TaskMessage { Id = "t", Task = "fetch", RoutingKey = "q", DeliveryTag = "d" }, new TaskBody(RawJson.Parse(args), RawJson.Parse(kwargs), TaskEmbed.Empty));

        Assert.Equal(expected, RateKeyReader.Read(expression, message, definition!));
    }
}
