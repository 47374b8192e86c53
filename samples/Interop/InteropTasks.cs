using Essaim;
using Essaim.Protocol;

namespace Interop;

/// <summary>The tasks; a Python app beside it may have the same ones, under the same names.</summary>
internal static class InteropTasks
{
    private static readonly RetryPolicy FiveTimes = new() { MaxRetries = 5 };

    public static void AddTo(EssaimAppBuilder app)
    {
        app.AddTask("tasks.add", (long x, long y) => x + y);
        app.AddTask("tasks.mul", (long x, long y) => x * y);
        app.AddTask("tasks.total", (long[] values) => values.Sum());
        app.AddTask("tasks.note", (RawJson id) => id);
        app.AddTask("tasks.echo", ([RestKeywords] IReadOnlyDictionary<string, RawJson> keywords) => keywords);
        app.AddTask("tasks.fail", long (string msg) => throw new FormatException(msg));
        app.AddTask("tasks.sleep", SleepAsync, task => task.TrackStarted = true);
        app.AddTask("tasks.flaky", Flaky, task => task.RetryPolicy = FiveTimes);
        app.AddTask("tasks.append", AppendAsync);
        app.AddTask("tasks.progress", ProgressAsync);
        app.AddTask("tasks.headers", (string name, TaskContext context) => context.Headers.TryGetValue(name, out RawJson value) ? value : RawJson.Null);
    }

    private static async Task<double> SleepAsync(double seconds, CancellationToken stop)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, stop);
        return seconds;
    }

    /// <summary>A trace in the world: who has run it, one line a run.</summary>
    private static async Task AppendAsync(string path, double seconds, CancellationToken stop)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, stop);
        await File.AppendAllTextAsync(path, $"{Environment.GetEnvironmentVariable("INTEROP_NODE")}\n", stop);
    }

    private static int Flaky(int failTimes, TaskContext context)
    {
        int retries = context.Attempt - 1;
        return retries < failTimes ? throw new TaskRetryException(TimeSpan.FromSeconds(1), new TimeoutException($"attempt {context.Attempt}")) : retries;
    }

    private static async Task<string> ProgressAsync(double seconds, TaskContext context, CancellationToken stop)
    {
        context.Progress(0.5, "half way", new { step = 1 });
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, stop);
        return "done";
    }
}
