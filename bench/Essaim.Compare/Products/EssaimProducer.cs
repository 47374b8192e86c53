using System.Diagnostics;
using System.Text.Json;

namespace Essaim.Compare;

/// <summary>The benchmark's own producer: <c>produce URL JOB</c>. Says in one line of JSON how long it took.</summary>
internal static class EssaimProducer
{
    public const string Verb = "produce";
    private const int BatchSize = 1_000;

    public static async Task<int> RunAsync(string url, string text)
    {
        ProducerJob job = JsonSerializer.Deserialize<ProducerJob>(text, JsonSerializerOptions.Web)!;
        await using TaskClient client = new(url);
        ProducerReport report = job.Kind switch
        {
            "fill" => await FillAsync(client, job),
            "pace" => await PaceAsync(client, job),
            _ => await FloodAsync(client, job),
        };
        Console.WriteLine(JsonSerializer.Serialize(report, JsonSerializerOptions.Web));
        return 0;
    }

    private static async Task<ProducerReport> FillAsync(TaskClient client, ProducerJob job)
    {
        long begin = Stopwatch.GetTimestamp();
        TaskCall[] batch = Noops(BatchSize, job.Keep);
        for (int left = job.Count; left > 0; left -= BatchSize)
            await client.SendManyAsync(left >= BatchSize ? batch : batch[..left]);
        return new ProducerReport(job.Count, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    private static async Task<ProducerReport> FloodAsync(TaskClient client, ProducerJob job)
    {
        TaskCall[] batch = Noops(job.Batch, keep: true);
        Task SendAsync() => job.Batch == 1 ? client.SendAsync("bench.noop", [1, 2]) : client.SendManyAsync(batch);
        for (int i = 0; i < job.Warmup; i++)
            await SendAsync();
        long sent = 0;
        long begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, job.Callers).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(begin).TotalSeconds < job.Seconds)
            {
                await SendAsync();
                Interlocked.Add(ref sent, job.Batch);
            }
        })));
        return new ProducerReport(sent, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    private static async Task<ProducerReport> PaceAsync(TaskClient client, ProducerJob job)
    {
        // The first call connects; it is no part of the pace.
        await client.GetBackendAsync();
        List<Task> waiting = [];
        long begin = Stopwatch.GetTimestamp();
        int sent = 0;
        while (sent < job.Count)
        {
            int due = Math.Min(job.Count, (int)(Stopwatch.GetElapsedTime(begin).TotalSeconds * job.Rate) + 1) - sent;
            if (due == 1)
                waiting.Add(client.SendAsync("bench.stamp", [Stopwatch.GetTimestamp()]));
            else if (due > 1)
                waiting.Add(client.SendManyAsync([.. Enumerable.Range(0, due).Select(_ => new TaskCall("bench.stamp", [Stopwatch.GetTimestamp()]))]));
            sent += due;
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await Task.WhenAll(waiting);
        return new ProducerReport(sent, seconds);
    }

    private static TaskCall[] Noops(int count, bool keep) =>
        [.. Enumerable.Range(0, count).Select(_ => new TaskCall("bench.noop", [1, 2], Options: new EnqueueOptions { IgnoreResult = keep ? null : true }))];
}
