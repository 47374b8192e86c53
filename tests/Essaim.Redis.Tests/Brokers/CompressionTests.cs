using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>Large arguments, compressed in a way Celery reads.</summary>
public sealed class CompressionTests(OwnServer server) : IClassFixture<OwnServer>
{
    private const string Receive =
        """
        import sys, json
        from kombu import Connection
        with Connection(sys.argv[1]) as connection, connection.SimpleQueue('celery') as queue:
            message = queue.get(timeout=20)
            message.ack()
            print(json.dumps([message.headers.get('compression'), message.payload[0], message.payload[1]]))
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_ArgumentsAreLarge_CompressedAndPythonReadsTheSame()
    {
        string text = string.Concat(Enumerable.Repeat("é\n\"x\" ", 500));
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System);
        ReadOnlyMemory<byte> large = await SendAsync(backend, 1000, text);
        ReadOnlyMemory<byte> whole = await SendAsync(backend, null, text);

        await using Python python = Python.Start(Receive, server.Url);

        JsonElement[] read = JsonSerializer.Deserialize<JsonElement[]>(await python.ReadLineAsync(Stop))!;
        Assert.Equal("application/x-gzip", read[0].GetString());
        Assert.Equal([text, "7"], read[1].EnumerateArray().Select(argument => argument.GetString()));
        Assert.Equal(text, read[2].GetProperty("k").GetString());
        Assert.True(large.Length < whole.Length / 2);
    }

    [Theory]
    [InlineData(24, true)]
    [InlineData(25, false)]
    [InlineData(null, false)]
    public async Task Send_ByTheSizeOfItsArguments_CompressedWhereAbove(int? above, bool compressed)
    {
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System);

        // ["01234","7"] and {"k":"0123"} are 13 and 12 bytes.
        ReadOnlyMemory<byte> envelope = await SendAsync(backend, above, "01234", "7", kwarg: "0123");

        TaskMessage message = MessageCodec.Decode(envelope);
        Assert.Equal(compressed ? "application/x-gzip" : null, message.Compression);
        Assert.Equal("""["01234","7"]""", MessageCodec.ReadBody(message).Args.ToString().Replace(" ", "", StringComparison.Ordinal));
    }

    /// <summary>Sends to <c>celery</c>; returns the envelope, which stays there.</summary>
    private async Task<ReadOnlyMemory<byte>> SendAsync(IBackend backend, int? above, string text, string second = "7", string? kwarg = null)
    {
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        await using TaskClient tasks = new(backend, new TaskClientOptions { CompressAbove = above });
        await tasks.SendAsync("tests.large", [text, second], new Dictionary<string, object?> { ["k"] = kwarg ?? text }, cancellationToken: Stop);
        return (await client.SendAsync(new RespCommand("LINDEX").Add("celery").Add(0), Stop)).AsBytes()!.Value;
    }
}
