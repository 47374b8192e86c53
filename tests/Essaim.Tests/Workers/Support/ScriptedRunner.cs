using System.Diagnostics;
using System.Runtime.InteropServices;
using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>Runs the few tasks the worker's tests need, without the task library.</summary>
internal sealed class ScriptedRunner : ITaskRunner
{
    /// <summary>The tasks there are.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["noop", "echo", "fail", "retry", "wait", "deaf", "die", "dieonce", "exit", "print", "rawprint", "reject", "spawn", "progress", "count", "stoppable", "crash", "overflow", "stubborn", "hog", "hogprogram", "ballast", "heedful", "sleep"];

    /// <summary>The same, as the worker looks them up.</summary>
    public static TaskRegistry Registry()
    {
        TaskRegistryBuilder builder = new();
        foreach (string name in Names)
            builder.AddTask(name, () => { });
        return builder.Build();
    }

    public async ValueTask<TaskOutcome> RunAsync(
        TaskMessage message, int deliveryCount, TimeSpan? softTimeLimit, RetryPolicy? queuePolicy, IExecutionObserver observer,
        Func<CancelReason> stopReason, CancellationToken workerStopping, CancellationToken stop)
    {
        string argument = MessageCodec.ReadBody(message).Args.Deserialize<string[]>()![0];
        switch (message.Task)
        {
            case "echo":
                return Success($"{argument}:{deliveryCount}");
            case "fail":
                return new TaskOutcome { Kind = OutcomeKind.Failure, Error = ExceptionDocument.Of("ValueError", argument, "builtins"), Traceback = "trace" };
            case "retry":
                return new TaskOutcome { Kind = OutcomeKind.Retry, RetryAfter = TimeSpan.FromSeconds(1), Error = ExceptionDocument.Of("IOError", "again", "builtins") };
            case "reject":
                return new TaskOutcome { Kind = OutcomeKind.Rejected, Reason = "not wanted" };
            case "wait":
                return await WaitAsync(stopReason, stop);
            case "stoppable":
                await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, workerStopping));
                return Success("stopped early");
            case "deaf":
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
                break;
            case "dieonce" when deliveryCount > 1:
                return Success($"survived:{deliveryCount}");
            case "die" or "dieonce":
                Process.GetCurrentProcess().Kill();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
                break;
            case "exit":
                Environment.Exit(3);
                break;
            case "sleep":
                await Task.Delay(TimeSpan.FromMilliseconds(int.Parse(argument, System.Globalization.CultureInfo.InvariantCulture)), TimeProvider.System, stop);
                break;
            case "crash":
                // As a native library crashes. A signal another process sends may meet managed code, which makes SIGABRT of it.
                _ = CountLetters(1);
                break;
            case "overflow":
                Environment.FailFast("as the runtime does when its stack overflows");
                break;
            case "stubborn":
                // Ignores SIGTERM, and so does what it starts.
                using (Process grandchild = Process.Start("sh", ["-c", "trap '' TERM; sleep 600 & wait; wait"]))
                    observer.OnLog("info", grandchild.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
                if (argument == "crash")
                {
                    // What was logged is on its way to the worker; a crash does not wait for it.
                    await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None);
                    _ = CountLetters(1);
                }

                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
                break;
            case "heedful":
                // A program that ends on SIGTERM, and leaves word. It waits in itself: one it had just started could miss the signal.
                await RunShellAsync($"mkfifo {argument}.wait; exec 3<>{argument}.wait; trap 'touch {argument}; exit' TERM; touch {argument}.begun; while :; do read _ <&3; done");
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
                break;
            case "hog":
                Ballast.Add(int.Parse(argument, System.Globalization.CultureInfo.InvariantCulture));
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
                break;
            case "hogprogram":
                // Nothing of it ends a line, so the last program keeps it all.
                await RunShellAsync($"(head -c {argument}M /dev/zero; sleep 600) | tail -n 1 | wc -c");
                break;
            case "ballast":
                Ballast.Add(int.Parse(argument, System.Globalization.CultureInfo.InvariantCulture));
                return Success(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
            case "print":
                Console.WriteLine(argument);
                await Console.Error.WriteAsync("to stderr");
                break;
            case "rawprint":
                await RunShellAsync($"printf '{argument}'; printf 'err\\n' >&2");
                break;
            case "spawn":
                using (Process grandchild = Process.Start("sleep", "600"))
                    observer.OnLog("info", grandchild.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
                return await WaitAsync(stopReason, stop);
            case "progress":
                observer.OnProgress(0.5, "half", RawJson.From(new { rows = 3 }));
                observer.OnProgress(1, "whole", RawJson.Null);
                break;
            case "count":
                // Fails where the same task ran before.
                await using (new FileStream(Path.Combine(argument, message.Id), FileMode.CreateNew))
                    break;
        }

        return Success("done");
    }

    private static TaskOutcome Success(string result) => new() { Kind = OutcomeKind.Success, Result = RawJson.From(result) };

    private static async Task<TaskOutcome> WaitAsync(Func<CancelReason> stopReason, CancellationToken stop)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        }
        catch (OperationCanceledException)
        {
            // What the test waits for.
        }

        ExceptionDocument error = ExceptionDocument.Of("Stopped", stopReason().ToString(), "tests");
        return new TaskOutcome { Kind = OutcomeKind.Failure, Error = error };
    }

    // The first signal the runtime takes for a fault of its own: it gives up its handler and goes on.
    [DllImport("libc", EntryPoint = "strlen"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint CountLetters(nint address);

    private static async Task RunShellAsync(string script)
    {
        using Process shell = Process.Start("sh", ["-c", script]);
        await shell.WaitForExitAsync();
    }
}
