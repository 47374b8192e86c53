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

    public static Task<Outcome> RunAsync(this IHeldExecutor executor, string source) => executor.RunAsync(Request(source));

    public static async Task<Outcome> RunAsync(this IHeldExecutor executor, RunRequest request, Func<RunEnd, Task>? look = null) =>
        await LookAfterAsync(executor, await executor.StartAsync(request, TestContext.Current.CancellationToken), look);

    /// <summary>Follows a run to its end and beyond: nothing stays.</summary>
    public static async Task<Outcome> LookAfterAsync(IHeldExecutor executor, ISandboxRun run, Func<RunEnd, Task>? look = null)
    {
        IReadOnlyList<string> groups = new RunFolder(((HeldRun)run).RunFolder).ReadFacts().Groups;
        try
        {
            return await FollowAsync(run, look);
        }
        finally
        {
            await run.RemoveAsync(CancellationToken.None);
            await AssertGoneAsync(executor, run.Id);
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

    /// <summary>A run that has written its first words.</summary>
    public static async Task<ISandboxRun> StartReadyAsync(this IHeldExecutor executor, string source)
    {
        ISandboxRun run = await executor.StartAsync(Request(source), TestContext.Current.CancellationToken);
        await foreach (RunOutput output in run.WatchAsync(0, TestContext.Current.CancellationToken))
        {
            if (output is RunText)
                break;
        }

        return run;
    }

    /// <summary>No folder, no group, no process: nothing of a run is left.</summary>
    public static async Task AssertGoneAsync(IHeldExecutor executor, string id)
    {
        Assert.False(Directory.Exists(Path.Combine(executor.RunsFolder, id)), "The run's folder is still there.");
        Assert.DoesNotContain(executor.Groups.Reopen(id).Folders, Directory.Exists);
        // A container's last words are its daemon's own: they come to an end by themselves.
        while (executor is ContainerExecutor && CommandLines().Any(line => line.Contains(id, StringComparison.Ordinal)))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(CommandLines(), line => line.Contains(id, StringComparison.Ordinal));
        Assert.DoesNotContain(id, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        if (executor is ContainerExecutor container)
            Assert.DoesNotContain(id, (await container.Tool.RunAsync(CancellationToken.None, "ps", "--all", "--format", "{{.Names}}")).Output, StringComparison.Ordinal);
    }

    public static IEnumerable<string> CommandLines()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder[^1])))
            yield return GroupFile.Read(Path.Combine(folder, "cmdline"));
    }

    private static string TextOf(List<RunOutput> outputs, bool isError) =>
        Encoding.UTF8.GetString([.. outputs.OfType<RunText>().Where(text => text.IsError == isError).SelectMany(text => text.Bytes.ToArray())]);
}
