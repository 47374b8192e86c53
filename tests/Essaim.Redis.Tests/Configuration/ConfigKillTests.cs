using System.Globalization;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>Redis is killed a hundred times in the middle of publishing: readers see the old version or the new one, and nothing between.</summary>
public sealed class ConfigKillTests : IAsyncLifetime
{
    private const int Kills = 100;
    private readonly OwnServer _server = new() { Arguments = ["--appendonly", "yes", "--appendfsync", "always"] };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Publish_RedisKilledAHundredTimes_ReadersSeeOldOrNew()
    {
        int acknowledged = -1;
        int published = -1;
        Random random = new(11);
        for (int kill = 0; kill < Kills; kill++)
        {
            RedisClient client = await OwnServer.ConnectAsync(_server.Url + "?socket_timeout=1");
            Task publishing = Task.Run(
                async () =>
                {
                    try
                    {
                        RedisConfigStore store = new(client, TimeProvider.System);
                        while (true)
                        {
                            string? version = (await store.ReadAsync(Stop))?.Version;
                            int number = published + 1;
                            // Counted before it is sent: a publication nobody acknowledged may have been done.
                            published = number;
                            if (await store.PublishAsync(Document(number), version, Stop) is not null)
                                acknowledged = number;
                        }
                    }
                    catch (EssaimException)
                    {
                        // Killed.
                    }
                },
                Stop);
            int before = acknowledged;
            long start = TimeProvider.System.GetTimestamp();
            TimeSpan until = TimeSpan.FromMilliseconds(random.Next(1, 12));
            while (acknowledged == before || TimeProvider.System.GetElapsedTime(start) < until)
                await Task.Yield();
            await _server.KillAsync();
            await publishing;
            await client.DisposeAsync();
            await _server.StartAsync();

            await using RedisClient reader = await OwnServer.ConnectAsync(_server.Url);
            RedisConfigStore after = new(reader, TimeProvider.System);
            ConfigSnapshot seen = (await after.ReadAsync(Stop))!;
            int found = int.Parse(seen.Document.Author, CultureInfo.InvariantCulture);
            Assert.InRange(found, acknowledged, published);
            Assert.Equal(Document(found).Hash, seen.Document.Hash);
            Assert.Equal(seen.Document.Hash, seen.DeclaredHash);
            Assert.Equal(found, seen.Document.Revision);
            Assert.Equal(seen.Version, (await after.GetHistoryAsync(Stop))[0].Version);
            FleetConfiguration.Read(seen);
            published = acknowledged = found;
        }
    }

    /// <summary>Each version has a number everywhere, and another size than the one before.</summary>
    private static ConfigDocument Document(int number)
    {
        Dictionary<string, RawJson> queues = [], routes = [], settings = [];
        for (int i = 0; i < 5 + number % 20; i++)
        {
            queues[$"q{i}"] = RawJson.Parse($$"""{"name":"q{{i}}","concurrency":{{number + 1}}}""");
            routes[$"task{i}.{number}.*"] = RawJson.Parse($$"""{"queue":"q{{i}}"}""");
            settings[$"own_{number}_{i}"] = RawJson.From(number);
        }

        return new ConfigDocument(queues, routes, settings, number.ToString(CultureInfo.InvariantCulture)) { Revision = number };
    }
}
