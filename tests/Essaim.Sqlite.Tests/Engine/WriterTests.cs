using Essaim.Testing;

namespace Essaim.Sqlite.Tests.Engine;

public sealed class WriterTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_OneOperationOfABatchFails_OnlyItFails()
    {
        await using SqliteEngine engine = SqliteEngine.Open(TemporaryFiles.NewPath(), new FakeTimeProvider());
        using ManualResetEventSlim gate = new();
        Task<bool> holding = engine.WriteAsync(_ => gate.Wait(Stop), durable: false, Stop).AsTask();
        Task<bool> before = engine.WriteAsync(step => Mark(step, "before"), durable: true, Stop).AsTask();
        Task<bool> bad = engine.WriteAsync(
            step =>
            {
                Mark(step, "bad");
                throw new InvalidOperationException("No.");
            },
            durable: true,
            Stop).AsTask();
        Task<bool> after = engine.WriteAsync(step => Mark(step, "after"), durable: true, Stop).AsTask();

        gate.Set();

        await holding;
        await before;
        await after;
        Assert.Equal("No.", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        Assert.Equal(2, engine.Read(database => database.Use("SELECT count(*) FROM revoked WHERE task_id IN ('before', 'after')").ReadNumber()));
        Assert.Equal(2, engine.Read(database => database.Use("SELECT count(*) FROM revoked").ReadNumber()));
    }

    [Fact]
    public async Task Write_QueueMadeInABatchThatIsRunAgain_IsMadeOnce()
    {
        await using SqliteEngine engine = SqliteEngine.Open(TemporaryFiles.NewPath(), new FakeTimeProvider());
        using ManualResetEventSlim gate = new();
        Task<bool> holding = engine.WriteAsync(_ => gate.Wait(Stop), durable: false, Stop).AsTask();
        Task<bool> made = engine.WriteAsync(step => step.Queues.Count(step.Queues.Get("q"), MessagePlace.Ready, 1), durable: true, Stop).AsTask();
        Task<bool> bad = engine.WriteAsync(_ => throw new InvalidOperationException("No."), durable: true, Stop).AsTask();

        gate.Set();

        await holding;
        await made;
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal(1, engine.Read(database => database.Use("SELECT ready FROM queues WHERE name = 'q'").ReadNumber()));
    }

    [Fact]
    public async Task Log_SteadyWriting_StaysBounded()
    {
        string path = TemporaryFiles.NewPath();
        await using SqliteEngine engine = SqliteEngine.Open(path, new FakeTimeProvider());
        byte[] envelope = new byte[60_000];

        for (int i = 0; i < 1500; i++)
        {
            OutgoingMessage message = new() { Envelope = envelope, TaskId = $"t{i}", TaskName = "t", Queue = "q" };
            await engine.WriteAsync(step => Publishing.Publish(step, Outgoing.Of(message)), durable: false, Stop);
        }

        Assert.InRange(new FileInfo(path + "-wal").Length, 1, 48_000_000);
    }

    private static void Mark(WriteStep step, string taskId) => RevokedMarks.Mark(step, [taskId], TimeSpan.FromHours(1));
}
