using System.Diagnostics;
using System.Globalization;
using Essaim.Sqlite.Tests.Processes;
using Essaim.Testing;

namespace Essaim.Sqlite.Tests.Crashes;

/// <summary>Writers killed at random instants, several of them on one file at a time: nothing acknowledged is lost, nothing settled is doubled.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Kills = 200;
    private const int AtOnce = 4;
    private readonly List<(char Kind, string TaskId, long At)> _history = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writer_KilledTwoHundredTimes_LosesAndDoublesNothing()
    {
        int seed = Environment.GetEnvironmentVariable("ESSAIM_TEST_SEED") is { } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        output.WriteLine($"ESSAIM_TEST_SEED={seed}");
        string path = TemporaryFiles.NewPath();

        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(lane => Task.Run(() => KillAsync(path, new Random(seed + lane), Kills / AtOnce), Stop)));

        History history = new(_history);
        output.WriteLine($"{history.Published.Count} published, {history.Settled.Count} settled");
        Assert.True(history.Settled.Count > Kills, "Too little happened between the kills.");
        Assert.Empty(history.ClaimedAfterSettled);
        await CheckFileAsync(path, history);
    }

    private async Task KillAsync(string path, Random random, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using Process writer = Helper.Start("--as-writer", path);
            if (random.Next(8) == 0)
            {
                // While it starts: opening, recovering the log, migrating.
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(120)), TimeProvider.System, Stop);
                writer.Kill();
            }
            else
            {
                // Its first lines come before its first acknowledgement, and that after much compiling.
                for (int lines = random.Next(4, 40); lines > 0 && await ReadLineAsync(writer); lines--)
                {
                    // On its way.
                }

                Task reading = ReadAsync(writer);
                await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 60), TimeProvider.System, Stop);
                writer.Kill();
                await reading;
            }

            await ReadAsync(writer);
            await writer.WaitForExitAsync(Stop);
        }
    }

    private async Task ReadAsync(Process writer)
    {
        while (await ReadLineAsync(writer))
        {
            // Until its end.
        }
    }

    private async Task<bool> ReadLineAsync(Process writer)
    {
        if (await writer.StandardOutput.ReadLineAsync(Stop) is not { } line)
            return false;

        // A kill in the middle of a long write may cut its last line; what was cut was not yet said.
        if (line.Split(' ') is [[char kind], { Length: >= 32 } taskId, { Length: > 0 } at] && (at == "0" || at.Length > 5))
        {
            lock (_history)
                _history.Add((kind, taskId, long.Parse(at, CultureInfo.InvariantCulture)));
        }

        return true;
    }

    private static async Task CheckFileAsync(string path, History history)
    {
        FakeTimeProvider later = new(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));
        await using SqliteBackend backend = SqliteBackend.Open(path, later);
        SweepReport report;
        do
            report = await backend.Broker.SweepAsync(Stop);
        while (report.Reclaimed > 0);
        ClaimRequest everything = new() { Worker = "w", Queues = [new QueueClaim("q")], Max = int.MaxValue };
        HashSet<string> waiting = [];
        foreach (Delivery delivery in (await backend.Broker.ClaimAsync(everything, Stop)).Deliveries)
            Assert.True(waiting.Add(delivery.TaskId), $"{delivery.TaskId} is there twice.");
        HashSet<string> completed = [];
        foreach (FeedEntry entry in await backend.Results.ReadCompletionsAsync(0, int.MaxValue, Stop))
            Assert.True(completed.Add(entry.Completion.TaskId), $"{entry.Completion.TaskId} completed twice.");

        Assert.All(history.Published, id => Assert.True(waiting.Contains(id) || completed.Contains(id), $"{id} was published and is lost."));
        Assert.All(history.Settled, id => Assert.True(completed.Contains(id), $"{id} was settled and its completion is lost."));
        Assert.Empty(waiting.Intersect(completed));
        Assert.Empty(completed.Except(history.SettlesBegun));
        Assert.Empty(waiting.Where(id => !id.EndsWith('+')).Except(history.PublishesBegun));
        Assert.All(completed.Where(CrashWriter.HasNext), id =>
            Assert.True(waiting.Contains(CrashWriter.Next(id)) || completed.Contains(CrashWriter.Next(id)), $"{id} was settled without its next link."));

        using Database database = Database.Open(path, create: false);
        Assert.Equal(completed.Count, database.Use("SELECT count(*) FROM results WHERE is_ready = 1").ReadNumber());
        Assert.Equal(completed.Count, database.Use("SELECT count(*) FROM results r JOIN completions c USING (task_id)").ReadNumber());
        Assert.Equal(waiting.Count, database.Use("SELECT in_flight FROM queues WHERE ready = 0 AND delayed = 0 AND dead = 0").ReadNumber());
        Statement check = database.Use("PRAGMA integrity_check");
        Assert.True(check.Step());
        Assert.Equal("ok", check.GetText(0));
    }
}
