namespace Essaim.Sqlite.Tests.Processes;

/// <summary>Opens the file, says how that went, and ends.</summary>
internal static class Opener
{
    public static async Task<int> RunAsync(string path)
    {
        try
        {
            await using SqliteBackend backend = SqliteBackend.Open(path, TimeProvider.System);
            Console.WriteLine((await backend.CheckAsync(CancellationToken.None)).Healthy ? "opened" : "sick");
        }
        catch (BackendException error)
        {
            Console.WriteLine($"{error.Code} {error.Message}");
        }

        return 0;
    }
}
