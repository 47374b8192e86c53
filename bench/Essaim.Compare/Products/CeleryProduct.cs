using System.Globalization;
using System.Text.Json;

namespace Essaim.Compare;

/// <summary>Celery with Debian's Python and its default settings but for <c>-c</c>.</summary>
internal sealed class CeleryProduct(string name, string pool) : IProduct
{
    private const string Queue = "celery";
    private const string DefaultPython = "/usr/bin/python3";

    public string Name => name;

    public string Family => "celery";

    public int ExpectedRate => 1_000;

    public int Bulk => 1;

    public int WarmUp => 300;

    private static string Python => Environment.GetEnvironmentVariable("COMPARE_PYTHON") ?? DefaultPython;

    public SideProgram StartWorker(Lane lane, bool keepResults) => SideProgram.Start(
        Python,
        ["-m", "celery", "-A", "bench_app", "worker", "-P", pool, "-c", lane.Slots.ToString(CultureInfo.InvariantCulture)],
        Variables(lane),
        Scripts.Folder("celery"));

    public SideProgram StartProducer(Lane lane, ProducerJob job) => SideProgram.Start(
        Python, ["producer.py", JsonSerializer.Serialize(job, JsonSerializerOptions.Web)], Variables(lane), Scripts.Folder("celery"));

    /// <summary>Celery's own producer makes one message; the rest are its copies with ids of their own, because it sends only about a thousand a second.</summary>
    public async Task FillAsync(Lane lane, int count, bool keepResults, CancellationToken cancellationToken)
    {
        await using (SideProgram producer = StartProducer(lane, new ProducerJob { Kind = "one", Keep = keepResults }))
            await producer.ReadLineAsync(cancellationToken);
        using RawRedis redis = RawRedis.Connect(lane.RedisPort);
        EnvelopeCopier.Multiply(redis, Queue, count);
    }

    public long CountLeft(RawRedis redis) => redis.Number("LLEN", Queue) + redis.Number("HLEN", "unacked");

    private static Dictionary<string, string> Variables(Lane lane) => new()
    {
        ["COMPARE_URL"] = lane.Url,
        ["COMPARE_FOLDER"] = lane.Folder,
        ["PYTHONDONTWRITEBYTECODE"] = "1",
        ["PYTHONWARNINGS"] = "ignore",
    };
}
