namespace Essaim.Sqlite.Tests.Processes;

/// <summary>Publishes until the disk is full, makes room, and goes on; prints what happened.</summary>
internal static class DiskFiller
{
    public static async Task<int> RunAsync(string path)
    {
        CancellationToken never = CancellationToken.None;
        string ballast = path + ".ballast";
        await File.WriteAllBytesAsync(ballast, new byte[1 << 20], never);
        await using SqliteBackend backend = SqliteBackend.Open(path, TimeProvider.System);
        int acknowledged = 0;
        while (await PublishAsync(backend, acknowledged))
            acknowledged++;
        File.Delete(ballast);
        for (int i = 0; i < 20 && await PublishAsync(backend, acknowledged); i++)
            acknowledged++;
        Console.WriteLine($"healthy: {(await backend.CheckAsync(never)).Healthy}");

        bool same = (await backend.Broker.GetQueuesAsync(never))[0].Ready == acknowledged;
        for (int i = 0; i < acknowledged; i++)
            same &= await backend.Broker.FindAsync($"t{i}", never) is { Place: MessagePlace.Ready };
        Console.WriteLine($"all {(acknowledged > 50 ? "many" : "few")} acknowledged are there: {same}");
        return 0;
    }

    private static async Task<bool> PublishAsync(SqliteBackend backend, int number)
    {
        OutgoingMessage message = new() { Envelope = new byte[10_000], TaskId = $"t{number}", TaskName = "tests.task", Queue = "q" };
        try
        {
            await backend.Broker.PublishAsync(Outgoing.Of(message), CancellationToken.None);
            return true;
        }
        catch (BackendException error)
        {
            Console.WriteLine($"{error.Code} {error.Message}");
            return false;
        }
    }
}
