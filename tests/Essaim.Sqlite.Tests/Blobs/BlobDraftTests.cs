using Essaim.Testing;

namespace Essaim.Sqlite.Tests.Blobs;

/// <summary>A blob whose writer died half-way.</summary>
public sealed class BlobDraftTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_WriterDied_IsNeverSeenAndSweptAfterAnHour()
    {
        FakeTimeProvider time = new();
        await using SqliteEngine engine = SqliteEngine.Open(TemporaryFiles.NewPath(), time);
        byte[] piece = new byte[BlobContent.PieceBytes];
        long number = await engine.WriteAsync(step => BlobRows.Begin(step, 2 * piece.Length), durable: false, Stop);
        await engine.WriteAsync(step => BlobRows.AddPiece(step, number, 0, piece), durable: true, Stop);

        Assert.Null(await new SqliteBlobStore(engine).GetAsync(BlobContent.IdOf(new byte[2 * piece.Length]), Stop));
        Assert.Equal(0, (await engine.WriteAsync(Sweeping.Sweep, durable: false, Stop)).Pruned);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, (await engine.WriteAsync(Sweeping.Sweep, durable: false, Stop)).Pruned);

        Assert.Equal(0, engine.Read(database => database.Use("SELECT count(*) FROM blob_pieces").ReadNumber()));
        Assert.False(await engine.WriteAsync(step => BlobRows.Publish(step, number, "id", TimeSpan.FromHours(1)), durable: false, Stop));
    }

    [Fact]
    public async Task Put_ExpiredAndNotYetSwept_LeavesOnePutOfPieces()
    {
        FakeTimeProvider time = new();
        await using SqliteEngine engine = SqliteEngine.Open(TemporaryFiles.NewPath(), time);
        SqliteBlobStore blobs = new(engine);
        byte[] content = new byte[2 * BlobContent.PieceBytes];
        await blobs.PutAsync(content, TimeSpan.FromHours(1), Stop);
        time.Advance(TimeSpan.FromHours(2));

        string id = await blobs.PutAsync(content, TimeSpan.FromHours(1), Stop);

        Assert.Equal(content, (await blobs.GetAsync(id, Stop))!.Value.ToArray());
        Assert.Equal(2, engine.Read(database => database.Use("SELECT count(*) FROM blob_pieces").ReadNumber()));
    }
}
