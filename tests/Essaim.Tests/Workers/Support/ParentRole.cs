namespace Essaim.Tests.Workers;

/// <summary>A program that starts a child, lets it run a task without end, says both process ids, and waits to be killed.</summary>
internal static class ParentRole
{
    public const string Verb = "parent";

    public static async Task<int> RunAsync()
    {
        Listener listener = new();
        ChildProcessExecutor executor = await ChildProcessExecutor.StartAsync(
            ChildLaunch.OfThisProgram(), new ChildLimits(), listener, TimeSpan.FromSeconds(60), TimeProvider.System, CancellationToken.None);
        executor.Run(Script.Request("spawn"));
        string grandchild = await listener.FirstLine.Task;
        Console.WriteLine($"{executor.ProcessId} {grandchild}");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
        return 0;
    }

    private sealed class Listener : RecordingListener
    {
        public TaskCompletionSource<string> FirstLine { get; } = new();

        public override void OnLog(string level, string line) => FirstLine.TrySetResult(line);
    }
}
