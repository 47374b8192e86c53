using System.Globalization;
using System.Text;

namespace Essaim.Compare;

/// <summary>
/// How near a worker comes to what its own commands allow: the bytes it sends are recorded, then sent again by a client that does nothing else,
/// to a Redis that starts from a copy of the same data. Worker and replay are both measured from outside, by what is left in the queue.
/// </summary>
internal static class ReplayMeasurement
{
    public static async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        IProduct product = bench.Options.Products[0];
        string root = Path.Combine(bench.Options.Folder, "replay");
        int count = ProcessMeasurement.CountFor(product.ExpectedRate, product, bench.Options);
        string dump = await PrepareAsync(bench, product, count, root, cancellationToken);
        (Recording recording, ReplayState recorded) = await RecordAsync(bench, product, dump, root, cancellationToken);
        bench.Figures.Note(Describe(recording, count));
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            Throughput worker = await WorkAsync(bench, product, dump, root, cancellationToken);
            bench.Figures.Add(What.ReplayRate, product.Name, 0, "tasks/s", worker.Rate);
            Throughput bare = await ReplayAsync(bench, product, recording, recorded, dump, root, cancellationToken);
            bench.Figures.Add(What.ReplayLimit, product.Name, 0, "tasks/s", bare.Rate);
            bench.Figures.Add(What.ReplayShare, product.Name, 0, "%", worker.Rate / bare.Rate * 100);
        }
    }

    private static async Task<string> PrepareAsync(Bench bench, IProduct product, int count, string root, CancellationToken cancellationToken)
    {
        await using RedisServer server = await RedisServer.StartAsync(Path.Combine(root, "start"), cancellationToken);
        Lane lane = new(server.Port, server.Port, server.Folder, bench.Options.Slots);
        await product.FillAsync(lane, count, keepResults: true, cancellationToken);
        using RawRedis redis = server.Connect();
        redis.Send("SAVE");
        return Path.Combine(server.Folder, "dump.rdb");
    }

    private static async Task<(Recording Recording, ReplayState State)> RecordAsync(
        Bench bench, IProduct product, string dump, string root, CancellationToken cancellationToken)
    {
        await using RedisServer server = await RestoreAsync(dump, root, cancellationToken);
        using RecordingProxy proxy = new(server.Port);
        await WatchAsync(bench, product, server, proxy.Port, cancellationToken);
        proxy.Recording.End();
        return (proxy.Recording, ReplayState.Of(server, product));
    }

    private static async Task<Throughput> WorkAsync(Bench bench, IProduct product, string dump, string root, CancellationToken cancellationToken)
    {
        await using RedisServer server = await RestoreAsync(dump, root, cancellationToken);
        return await WatchAsync(bench, product, server, server.Port, cancellationToken);
    }

    private static async Task<Throughput> WatchAsync(Bench bench, IProduct product, RedisServer server, int port, CancellationToken cancellationToken)
    {
        await using SideProgram worker = product.StartWorker(new Lane(port, server.Port, server.Folder, bench.Options.Slots), keepResults: true);
        return await SampleAsync(product, server, worker, cancellationToken);
    }

    private static async Task<Throughput> ReplayAsync(
        Bench bench, IProduct product, Recording recording, ReplayState recorded, string dump, string root, CancellationToken cancellationToken)
    {
        await using RedisServer server = await RestoreAsync(dump, root, cancellationToken);
        using Replayer replayer = new(recording, server.Port);
        Task<Throughput> watching = SampleAsync(product, server, worker: null, cancellationToken);
        await Task.Factory.StartNew(replayer.Run, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        ReplayState replayed = ReplayState.Of(server, product);
        (long same, long total, long errors) = replayer.Compare();
        Figures.Progress($"replay: {same:N0} of {total:N0} replies were the recorded ones to the byte; {errors} more errors than recorded");
        if (replayed != recorded)
        {
            bench.Figures.Note($"A replay did not do what was recorded: it left {replayed}, the worker left {recorded}. Its rate is not a limit.");
            if (replayed.Left > 0)
                throw new InvalidOperationException($"The replay left {replayed.Left} tasks in the queue: the recorded commands depend on something that was different this time.");
        }

        return await watching;
    }

    private static Task<Throughput> SampleAsync(IProduct product, RedisServer server, SideProgram? worker, CancellationToken cancellationToken)
    {
        RawRedis redis = server.Connect();
        long filled = product.CountLeft(redis);
        return WatchAndCloseAsync();

        async Task<Throughput> WatchAndCloseAsync()
        {
            using (redis)
            {
                return await ThroughputSampler.WatchAsync(
                    () => product.CountLeft(redis), filled, Math.Min(product.WarmUp, filled / 4), TimeSpan.FromMinutes(5), worker, server.ProcessId, cancellationToken);
            }
        }
    }

    private static async Task<RedisServer> RestoreAsync(string dump, string root, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(root, "copy");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        File.Copy(dump, Path.Combine(folder, "dump.rdb"));
        return await RedisServer.StartAsync(folder, cancellationToken);
    }

    private static string Describe(Recording recording, int count)
    {
        Dictionary<string, int> names = [];
        foreach (RecordedConnection connection in recording.Connections)
        {
            byte[] all = [.. recording.Pieces.Where(piece => piece.Connection == connection.Index).SelectMany(piece => piece.Bytes)];
            List<int> ends = [];
            new RespScanner().Scan(all, ends);
            for (int i = 0, begin = 0; i < ends.Count; begin = ends[i++])
                names[NameOf(all.AsSpan(begin, ends[i] - begin))] = names.GetValueOrDefault(NameOf(all.AsSpan(begin, ends[i] - begin))) + 1;
        }

        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"Replay: the worker sent {recording.Commands:N0} commands, {recording.Bytes / (double)count:N0} bytes a task, on {recording.Connections.Count} connections: ");
        text.AppendJoin(", ", names.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value:N0}"));
        return text.Append('.').ToString();
    }

    /// <summary>The first word of a command: the third line of its bytes.</summary>
    private static string NameOf(ReadOnlySpan<byte> command)
    {
        string[] lines = Encoding.ASCII.GetString(command[..Math.Min(command.Length, 60)]).Split("\r\n");
        return lines.Length > 2 ? lines[2].ToUpperInvariant() : "?";
    }
}

/// <summary>What a run leaves behind in Redis.</summary>
/// <param name="Keys">Keys.</param>
/// <param name="Left">Tasks that wait or run.</param>
internal sealed record ReplayState(long Keys, long Left)
{
    public static ReplayState Of(RedisServer server, IProduct product)
    {
        using RawRedis redis = server.Connect();
        return new ReplayState(redis.Number("DBSIZE"), product.CountLeft(redis));
    }

    public override string ToString() => $"{Keys:N0} keys and {Left:N0} tasks";
}
