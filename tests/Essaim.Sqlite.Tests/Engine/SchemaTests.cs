using Essaim.Testing;

namespace Essaim.Sqlite.Tests.Engine;

public sealed class SchemaTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_EmptyFile_BecomesTheCurrentVersion()
    {
        string path = TemporaryFiles.NewPath();
        await File.WriteAllBytesAsync(path, [], Stop);

        await SqliteBackend.Open(path, new FakeTimeProvider()).DisposeAsync();

        using Database database = Database.Open(path, create: false);
        Assert.Equal(Schema.Migrations.Count, database.Use("SELECT value FROM meta WHERE key = 'schema_version'").ReadNumber());
    }

    [Fact]
    public async Task Open_OlderVersion_IsMigratedWithWhatIsInIt()
    {
        string path = TemporaryFiles.NewPath();
        await using (SqliteBackend old = SqliteBackend.Open(path, new FakeTimeProvider()))
        {
            OutgoingMessage message = new() { Envelope = new byte[1], TaskId = "t", TaskName = "t", Queue = "q" };
            await old.Broker.PublishAsync(Outgoing.Of(message), Stop);
        }

        await using SqliteEngine engine = SqliteEngine.Open(
            path, new FakeTimeProvider(), [.. Schema.Migrations, "ALTER TABLE messages ADD COLUMN colour TEXT", "UPDATE messages SET colour = 'blue'"]);

        Assert.Equal(1, engine.Read(database => database.Use("SELECT count(*) FROM messages WHERE colour = 'blue' AND task_id = 't'").ReadNumber()));
        Assert.Equal(Schema.Migrations.Count + 2, engine.Read(database => database.Use("SELECT value FROM meta WHERE key = 'schema_version'").ReadNumber()));
    }

    [Fact]
    public async Task Open_FileOfVersion1_WhatWaitsAndWhatIsHeldGoesOn()
    {
        string path = TemporaryFiles.NewPath();
        FakeTimeProvider time = new();
        await SqliteEngine.Open(path, time, [SchemaVersion1.Script]).DisposeAsync();
        using (Database database = Database.Open(path, create: false))
        {
            database.Execute(
                $"""
                INSERT INTO queues (id, name, ready, in_flight) VALUES (1, 'q', 1, 1);
                INSERT INTO messages (queue_id, place, priority, position, ready_since, not_before, delivery_count, lease_token, lease_deadline, worker,
                    task_id, task_name, envelope)
                VALUES (1, 'Ready', 0, 1, 0, 0, 0, NULL, NULL, NULL, 'waits', 't', x'00'),
                       (1, 'InFlight', 0, 2, 0, 0, 1, 7, {time.GetUtcNow().AddSeconds(30).UtcTicks}, 'w', 'held', 't', x'00')
                """);
        }

        await using SqliteBackend backend = SqliteBackend.Open(path, time);

        ClaimRequest request = new() { Worker = "w2", Queues = [new QueueClaim("q") { Limits = new QueueLimits { Concurrency = 1 } }], Max = 5 };
        Assert.Equal(["waits"], (await backend.Broker.ClaimAsync(request, Stop)).Deliveries.Select(delivery => delivery.TaskId));
        Assert.Equal(["held", "waits"], (await backend.Broker.GetHoldersAsync("q", 5, Stop)).Select(holder => holder.TaskId).Order());
    }

    [Fact]
    public async Task Open_MigrationFails_ChangesNothing()
    {
        string path = TemporaryFiles.NewPath();
        await SqliteBackend.Open(path, new FakeTimeProvider()).DisposeAsync();

        Assert.Throws<BackendException>(() => SqliteEngine.Open(
            path, new FakeTimeProvider(), [.. Schema.Migrations, "CREATE TABLE half (id INTEGER)", "CREATE TABLE half (id INTEGER)"]));

        using Database database = Database.Open(path, create: false);
        Assert.Equal(Schema.Migrations.Count, database.Use("SELECT value FROM meta WHERE key = 'schema_version'").ReadNumber());
        Assert.Equal(0, database.Use("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").ReadNumber());
    }

    [Fact]
    public async Task Open_ManyAtOnce_OneMakesTheTables()
    {
        for (int round = 0; round < 20; round++)
        {
            string path = TemporaryFiles.NewPath();

            SqliteBackend[] backends = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => SqliteBackend.Open(path, new FakeTimeProvider()), Stop)));

            foreach (SqliteBackend backend in backends)
            {
                Assert.True((await backend.CheckAsync(Stop)).Healthy);
                await backend.DisposeAsync();
            }
        }
    }

    [Fact]
    public void Places_InTheCheckTheCodeAndTheDocs_AreTheSame()
    {
        string check = string.Join(", ", Enum.GetNames<MessagePlace>().Select(name => $"'{name}'"));
        string document = File.ReadAllText(Path.Combine(FindRoot(), "docs/state-machine.md"));

        Assert.Contains($"CHECK (place IN ({check}))", SchemaVersion1.Script, StringComparison.Ordinal);
        Assert.All(Enum.GetNames<MessagePlace>().Concat(Enum.GetNames<SettleAction>()), name => Assert.Contains(name, document, StringComparison.Ordinal));
        foreach (string state in new[] { "PENDING", "RECEIVED", "STARTED", "PROGRESS", "RETRY", "SUCCESS", "FAILURE", "REVOKED", "REJECTED" })
            Assert.Contains(state, document, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Place_UnknownWord_IsRefusedByTheFile()
    {
        string path = TemporaryFiles.NewPath();
        await using SqliteEngine engine = SqliteEngine.Open(path, new FakeTimeProvider());

        await Assert.ThrowsAsync<BackendException>(async () => await engine.WriteAsync(
            step => step.Db.Use(
                """
                INSERT INTO messages (queue_id, place, priority, position, ready_since, not_before, delivery_count, task_id, task_name, envelope)
                VALUES (1, 'Somewhere', 0, 1, 0, 0, 0, 't', 't', x'')
                """).Run(),
            durable: false,
            Stop));
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Essaim.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
