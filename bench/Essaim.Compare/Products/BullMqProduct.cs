using System.Text.Json;
using System.Text.Json.Nodes;

namespace Essaim.Compare;

/// <summary>BullMQ on Node.js: one worker process, 50 jobs at a time.</summary>
internal sealed class BullMqProduct : IProduct
{
    private const string Queue = "bench";
    private const int Concurrency = 50;

    public string Name => "bullmq";

    public string Family => Name;

    public int ExpectedRate => 9_000;

    public int Bulk => 1_000;

    public int WarmUp => 5_000;

    public SideProgram StartWorker(Lane lane, bool keepResults)
    {
        JsonObject options = new() { ["concurrency"] = Concurrency, ["keep"] = keepResults, ["folder"] = lane.Folder };
        return Start("worker.mjs", lane, options);
    }

    public SideProgram StartProducer(Lane lane, ProducerJob job) =>
        Start("producer.mjs", lane, JsonSerializer.SerializeToNode(job, JsonSerializerOptions.Web)!.AsObject());

    public async Task FillAsync(Lane lane, int count, bool keepResults, CancellationToken cancellationToken)
    {
        await using SideProgram producer = StartProducer(lane with { Port = lane.RedisPort }, new ProducerJob { Kind = "fill", Count = count });
        await producer.ReadLineAsync(cancellationToken);
    }

    public long CountLeft(RawRedis redis) =>
        redis.Number("LLEN", $"bull:{Queue}:wait") + redis.Number("LLEN", $"bull:{Queue}:active");

    private static SideProgram Start(string script, Lane lane, JsonObject options)
    {
        string folder = Scripts.Folder("bullmq");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            throw new UsageException($"BullMQ is not installed. Run npm ci --omit=dev in {folder}, or start the comparison with bench/compare, which does.");
        options["host"] = "127.0.0.1";
        options["port"] = lane.Port;
        options["queue"] = Queue;
        return SideProgram.Start("node", [script, options.ToJsonString()], new Dictionary<string, string> { ["NODE_ENV"] = "production" }, folder);
    }
}
