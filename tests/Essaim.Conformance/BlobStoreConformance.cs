using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Contents named by their hash.</summary>
public abstract class BlobStoreConformance : BackendConformance
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private IBlobStore Blobs => Backend.Blobs;

    [Fact]
    public async Task Put_Content_IsNamedByItsHashAndReadBack()
    {
        byte[] content = "mesh of a beam"u8.ToArray();

        string id = await Blobs.PutAsync(content, Hour, Stop);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), id);
        Assert.Equal(content, await ReadAsync(id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(BlobContent.PieceBytes - 1)]
    [InlineData(BlobContent.PieceBytes)]
    [InlineData(BlobContent.PieceBytes + 1)]
    [InlineData(3 * BlobContent.PieceBytes + 7)]
    public async Task Put_AnySize_IsReadBack(int size)
    {
        byte[] content = RandomBytes(size);

        Assert.Equal(content, await ReadAsync(await Blobs.PutAsync(content, Hour, Stop)));
    }

    [Fact]
    public async Task Put_SameContentTwice_IsOneBlob()
    {
        byte[] content = RandomBytes(BlobContent.PieceBytes * 2);
        string id = await Blobs.PutAsync(content, Hour, Stop);

        Assert.Equal(id, await Blobs.PutAsync(content, Hour, Stop));

        await Blobs.RemoveAsync(id, Stop);
        Assert.Null(await Blobs.GetAsync(id, Stop));
    }

    [Fact]
    public async Task Put_LargestContent_IsKept()
    {
        byte[] content = RandomBytes(IBlobStore.MostBytes);

        string id = await Blobs.PutAsync(content, Hour, Stop);

        ReadOnlyMemory<byte>? read = await Blobs.GetAsync(id, Stop);
        Assert.True(read!.Value.Span.SequenceEqual(content));
    }

    [Fact]
    public async Task Put_LargerContent_IsRefusedWithWhatToDo()
    {
        BlobException error = await Assert.ThrowsAsync<BlobException>(async () => await Blobs.PutAsync(new byte[IBlobStore.MostBytes + 1], Hour, Stop));

        Assert.Equal("ESS6041", error.Code);
        Assert.Equal(
            "The content has 67,108,865 bytes; the broker keeps at most 67,108,864 (64 MiB) in one piece. Compress it, split it, or put it where the machines can read it and send where it is.",
            error.Message);
    }

    [Fact]
    public async Task Put_ManyAtOnceOfTheSame_AllAreToldTheSameIdAndItIsWhole()
    {
        byte[] content = RandomBytes(BlobContent.PieceBytes * 3);

        string[] ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await Blobs.PutAsync(content, Hour, Stop), Stop)));

        string id = Assert.Single(ids.Distinct());
        Assert.Equal(content, await ReadAsync(id));
    }

    [Fact]
    public async Task Get_Unknown_IsNull()
    {
        Assert.Null(await Blobs.GetAsync(new string('0', 64), Stop));
        Assert.Null(await Blobs.GetAsync("../../etc/passwd", Stop));
        Assert.False(await Blobs.KeepAsync(new string('0', 64), Hour, Stop));
    }

    [Fact]
    public async Task Get_AfterItsTime_IsNullAndSwept()
    {
        string id = await Blobs.PutAsync(RandomBytes(BlobContent.PieceBytes + 1), Hour, Stop);
        string kept = await Blobs.PutAsync(RandomBytes(10), 2 * Hour, Stop);

        await AdvanceAsync(Hour);

        Assert.Null(await Blobs.GetAsync(id, Stop));
        Assert.False(await Blobs.KeepAsync(id, Hour, Stop));
        Assert.Equal(ExpiresByItself ? 0 : 1, (await Broker.SweepAsync(Stop)).Pruned);
        Assert.Equal(0, (await Broker.SweepAsync(Stop)).Pruned);
        Assert.NotNull(await Blobs.GetAsync(kept, Stop));
    }

    [Fact]
    public async Task Put_AgainAfterItsTime_IsThereAgain()
    {
        byte[] content = RandomBytes(BlobContent.PieceBytes + 1);
        string id = await Blobs.PutAsync(content, Hour, Stop);
        await AdvanceAsync(Hour);

        await Blobs.PutAsync(content, Hour, Stop);

        await Broker.SweepAsync(Stop);
        Assert.Equal(content, await ReadAsync(id));
        await AdvanceAsync(Hour);
        Assert.Null(await Blobs.GetAsync(id, Stop));
    }

    [Fact]
    public async Task Keep_Longer_Extends()
    {
        string id = await Blobs.PutAsync(RandomBytes(10), Hour, Stop);

        Assert.True(await Blobs.KeepAsync(id, 3 * Hour, Stop));

        await AdvanceAsync(2 * Hour);
        Assert.NotNull(await Blobs.GetAsync(id, Stop));
        await AdvanceAsync(Hour);
        Assert.Null(await Blobs.GetAsync(id, Stop));
    }

    [Fact]
    public async Task KeepOrPut_Shorter_ChangesNothing()
    {
        byte[] content = RandomBytes(10);
        string id = await Blobs.PutAsync(content, 3 * Hour, Stop);

        Assert.True(await Blobs.KeepAsync(id, Hour, Stop));
        await Blobs.PutAsync(content, Hour, Stop);

        await AdvanceAsync(2 * Hour);
        Assert.NotNull(await Blobs.GetAsync(id, Stop));
    }

    [Fact]
    public async Task Get_Damaged_IsToldAndRemovedSoThatItCanBePutAgain()
    {
        byte[] content = Encoding.UTF8.GetBytes("0123456789");
        string id = await Blobs.PutAsync(content, Hour, Stop);
        await DamageAsync(id);

        BlobException error = await Assert.ThrowsAsync<BlobException>(async () => await Blobs.GetAsync(id, Stop));

        Assert.Equal("ESS6042", error.Code);
        Assert.Null(await Blobs.GetAsync(id, Stop));
        await Blobs.PutAsync(content, Hour, Stop);
        Assert.Equal(content, await ReadAsync(id));
    }

    [Fact]
    public async Task Put_NoTimeOrCancelled_KeepsNothing()
    {
        byte[] content = RandomBytes(10);
        string id = Convert.ToHexStringLower(SHA256.HashData(content));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Blobs.PutAsync(content, TimeSpan.Zero, Stop));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Blobs.PutAsync(content, Hour, new CancellationToken(canceled: true)));

        Assert.Null(await Blobs.GetAsync(id, Stop));
    }

    /// <summary>Changes the first byte of a kept blob behind the store's back.</summary>
    protected abstract ValueTask DamageAsync(string id);

    private static byte[] RandomBytes(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private async Task<byte[]> ReadAsync(string id)
    {
        ReadOnlyMemory<byte>? content = await Blobs.GetAsync(id, Stop);
        Assert.NotNull(content);
        return content.Value.ToArray();
    }
}
