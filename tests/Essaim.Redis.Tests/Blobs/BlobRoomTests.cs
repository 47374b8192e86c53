using Essaim.Testing;

namespace Essaim.Redis.Tests.Blobs;

/// <summary>What becomes of blobs where Redis has no room, or a writer stops half-way.</summary>
public sealed class BlobRoomTests : IAsyncLifetime
{
    private const int Megabyte = 1024 * 1024;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly OwnServer _server = new() { Arguments = ["--maxmemory", "16mb", "--maxmemory-policy", "noeviction"] };
    private IBackend _backend = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _backend = await _server.OpenEmptyAsync(new FakeTimeProvider());
    }

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Put_ServerAtItsMaxmemory_IsToldAndNothingStays()
    {
        BlobException error = await Assert.ThrowsAsync<BlobException>(async () => await _backend.Blobs.PutAsync(RandomBytes(20 * Megabyte), Hour, Stop));

        Assert.Equal("ESS6043", error.Code);
        Assert.Equal(
            "20,971,520 bytes were not put into the broker: Redis is at its maxmemory. Nothing of them stays there. "
            + "Files pass through its memory: give it more (maxmemory), wait until others have expired, or send less.",
            error.Message);
        Assert.Empty(await KeysAsync("*blob*"));
        Assert.NotEmpty(await _backend.Blobs.PutAsync(RandomBytes(2 * Megabyte), Hour, Stop));
    }

    [Fact]
    public async Task Put_StoppedHalfWay_IsNotSeenAndExpires()
    {
        byte[] content = RandomBytes(3 * Megabyte);
        string id = BlobContent.IdOf(content);
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);

        // Cancelled as soon as its first piece is seen: by then, or a little later, it is not whole.
        Task<string> putting = _backend.Blobs.PutAsync(content, Hour, cancel.Token).AsTask();
        while (!putting.IsCompleted && (await KeysAsync("*blob-draft:*")).Length == 0)
        {
            // Looked for again.
        }

        string[] drafts = await KeysAsync("*blob-draft:*");
        foreach (string draft in drafts)
            Assert.InRange((await client.SendAsync(new RespCommand("PTTL").Add(draft), Stop)).AsInteger(), -2, 600_000);
        await cancel.CancelAsync();
        Exception? stopped = await Record.ExceptionAsync(() => putting);

        Assert.Equal(stopped is null, await _backend.Blobs.KeepAsync(id, Hour, Stop));
        Assert.Empty(await KeysAsync("*blob-draft:*"));
    }

    [Fact]
    public async Task Put_DraftWithoutAllItsPieces_IsNotPublished()
    {
        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);
        RespCommand command = RedisScripts.BlobPublish.Call(0).Add("").Add(OwnServer.Keys.Own).Add("").Add(new string('a', 64)).Add("draft").Add(2).Add("rest").Add(99).Add(1000);

        Assert.Equal(0, (await client.EvalAsync(RedisScripts.BlobPublish, command, Stop)).AsInteger());

        Assert.Empty(await KeysAsync("*blob*"));
    }

    [Fact]
    public async Task Put_Kept_HasATimeToLiveAndNoOtherKey()
    {
        string id = await _backend.Blobs.PutAsync(RandomBytes(Megabyte), Hour, Stop);

        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);
        Assert.Equal([$"essaim:blob:{id}"], await KeysAsync("*blob*"));
        Assert.InRange((await client.SendAsync(new RespCommand("PTTL").Add($"essaim:blob:{id}"), Stop)).AsInteger(), 3_000_000, 3_600_000);
    }

    private async Task<string[]> KeysAsync(string pattern)
    {
        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);
        return (await client.SendAsync(new RespCommand("KEYS").Add(pattern), Stop)).AsTexts();
    }

    private static byte[] RandomBytes(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }
}
