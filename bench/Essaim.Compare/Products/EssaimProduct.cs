using System.Globalization;
using System.Text.Json;

namespace Essaim.Compare;

/// <summary>Essaim: this very program is its worker and its producer, in processes of their own.</summary>
internal sealed class EssaimProduct(string name, string pool, bool events, int expectedRate) : IProduct
{
    public const string Queue = "celery";

    // Asked for two hundred times a second, so not by the public call, which looks at every queue and the age of its oldest message.
    private const string LeftScript = """
        local left = redis.call('LLEN', KEYS[1])
        for _, claim in ipairs(redis.call('ZRANGE', 'essaim:leases', 0, -1)) do
          left = left + (redis.call('HGET', 'essaim:claim:' .. claim, 'left') or 0)
        end
        return left
        """;

    public string Name => name;

    public string Family => "essaim";

    public int ExpectedRate => expectedRate;

    public int Bulk => 1_000;

    public int WarmUp => 30_000;

    public SideProgram StartWorker(Lane lane, bool keepResults)
    {
        List<string> arguments = ["worker", "--broker", lane.Url, "--pool", pool, "-c", lane.Slots.ToString(CultureInfo.InvariantCulture)];
        if (!events)
            arguments.Add("--no-events");
        return SideProgram.Start(Environment.ProcessPath!, arguments, new Dictionary<string, string> { [EssaimTasks.FolderVariable] = lane.Folder });
    }

    public SideProgram StartProducer(Lane lane, ProducerJob job) =>
        SideProgram.Start(Environment.ProcessPath!, [EssaimProducer.Verb, lane.Url, JsonSerializer.Serialize(job, JsonSerializerOptions.Web)]);

    public async Task FillAsync(Lane lane, int count, bool keepResults, CancellationToken cancellationToken)
    {
        await using SideProgram producer = StartProducer(lane with { Port = lane.RedisPort }, new ProducerJob { Kind = "fill", Count = count, Keep = keepResults });
        await producer.ReadLineAsync(cancellationToken);
    }

    public long CountLeft(RawRedis redis) => redis.Number("EVAL", LeftScript, "1", Queue);
}
