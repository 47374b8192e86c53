using System.Text;
using System.Text.Json;

namespace Essaim.Sandbox.Tests;

/// <summary>What a run of a test ended with.</summary>
internal sealed record Outcome(RunEnd End, string Out, string Error, IReadOnlyList<RunOutput> Outputs)
{
    public string Log => Out + Error;
}

/// <summary>Runs programs as the command does, and sees to it that nothing stays.</summary>
internal static class Runs
{
    public static RunRequest Request(string source, string name = "test.py") =>
        new(name, Encoding.UTF8.GetBytes(source)) { Limits = new RunLimits { Time = TimeSpan.FromSeconds(30), Grace = TimeSpan.FromSeconds(1) } };

    public static IReadOnlyDictionary<string, JsonElement> Inputs(params (string Name, object? Value)[] inputs) =>
        inputs.ToDictionary(input => input.Name, input => JsonSerializer.SerializeToElement(input.Value));

    public static Task<Outcome> RunAsync(this BubblewrapExecutor executor, string source) => executor.RunAsync(Request(source));

    public static async Task<Outcome> RunAsync(this BubblewrapExecutor executor, RunRequest request, Func<RunEnd, Task>? look = null) =>
        await LookAfterAsync(executor, await executor.StartAsync(request, TestContext.Current.CancellationToken), look);

    /// <summary>Follows a run to its end and beyond: nothing stays.</summary>
    public static async Task<Outcome> LookAfterAsync(BubblewrapExecutor executor, ISandboxRun run, Func<RunEnd, Task>? look = null)
    {
        IReadOnlyList<string> groups = new RunFolder(((BubblewrapRun)run).RunFolder).ReadFacts().Groups;
        try
        {
            return await FollowAsync(run, look);
        }
        finally
        {
            await run.RemoveAsync(CancellationToken.None);
            AssertGone(executor, run.Id);
            Assert.DoesNotContain(groups, Directory.Exists);
        }
    }

    /// <summary>Begins a run in a slot that was made for it and waits.</summary>
    public static async Task<ISandboxRun> StartWarmAsync(this BubblewrapExecutor executor, RunRequest request)
    {
        WarmPool pool = new(executor);
        request.Validate();
        Assert.True(WarmPool.Fits(request));
        for (WarmEnvironment environment = WarmEnvironment.Of(request); ;)
        {
            await pool.FillAsync(environment, () => 1, TestContext.Current.CancellationToken);
            // Other tests use the same pool, and may be quicker.
            if (pool.TryTake(environment, request) is { } run)
                return run;
        }
    }

    public static async Task<Outcome> FollowAsync(ISandboxRun run, Func<RunEnd, Task>? look = null)
    {
        List<RunOutput> outputs = [];
        await foreach (RunOutput output in run.WatchAsync(0, TestContext.Current.CancellationToken))
            outputs.Add(output);
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);
        if (look is not null)
            await look(end);
        return new Outcome(end, TextOf(outputs, isError: false), TextOf(outputs, isError: true), outputs);
    }

    /// <summary>No folder, no group, no process: nothing of a run is left.</summary>
    public static void AssertGone(BubblewrapExecutor executor, string id)
    {
        Assert.False(Directory.Exists(Path.Combine(executor.RunsFolder, id)), "The run's folder is still there.");
        Assert.DoesNotContain(executor.Groups.Reopen(id).Folders, Directory.Exists);
        Assert.DoesNotContain(CommandLines(), line => line.Contains(id, StringComparison.Ordinal));
        Assert.DoesNotContain(id, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    public static IEnumerable<string> CommandLines()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder[^1])))
            yield return GroupFile.Read(Path.Combine(folder, "cmdline"));
    }

    private static string TextOf(List<RunOutput> outputs, bool isError) =>
        Encoding.UTF8.GetString([.. outputs.OfType<RunText>().Where(text => text.IsError == isError).SelectMany(text => text.Bytes.ToArray())]);
}
