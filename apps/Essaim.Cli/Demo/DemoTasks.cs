using System.Text.Json;

namespace Essaim.Cli;

/// <summary>Tasks to try Essaim with.</summary>
internal static class DemoTasks
{
    public static void AddTo(EssaimAppBuilder app)
    {
        app.AddTask("demo.add", (double x, double y) => x + y);
        app.AddTask("demo.echo", (JsonElement value) => value);
        app.AddTask("demo.countdown", CountDownAsync);
        app.AddTask("demo.fail", string (string message = "as asked") => throw new InvalidOperationException(message));
    }

    private static async Task<string> CountDownAsync(int from, TaskContext context, TimeProvider time, CancellationToken stop)
    {
        for (int left = from; left > 0; left--)
        {
            context.Progress((double)(from - left) / from, $"{left} s left");
            await Task.Delay(TimeSpan.FromSeconds(1), time, stop);
        }

        return "lift-off";
    }
}
