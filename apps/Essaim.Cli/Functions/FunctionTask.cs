using System.Globalization;
using System.Text.Json;
using Essaim.Sandbox;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Essaim.Cli;

/// <summary>
/// The task <c>essaim.function</c>: runs a user's file in this machine's sandbox. What it prints is the task's log, its progress the task's, what it
/// returns the task's result. A run belongs to its task: where the worker died under it, the next delivery on this machine finds it and goes on.
/// </summary>
internal static partial class FunctionTask
{
    public const string Name = "essaim.function";

    // A worker that is started anew has this long to come back for its runs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenKeeps = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    public static void AddTo(EssaimAppBuilder app)
    {
        app.AddTask(Name, RunAsync, options => options.RequiresOf = EnvironmentOffers.Required);
        app.WorkerAdditions.Add(new WarmAddition());
        app.WorkerAdditions.Add(new PlanAddition());
        app.Services.AddSingleton(services => new SandboxEnvironments(EnvironmentCatalog.Load(), new SandboxOptions(), TimeProvider.System));
        app.Services.AddSingleton<ILabelFinder, EnvironmentOffers>();
    }

    private static async Task<JsonElement?> RunAsync(
        TaskContext context,
        TimeProvider time,
        SandboxEnvironments environments,
        CancellationToken stop,
        JsonElement? previous = null,
        string? source = null,
        string? function = null,
        string name = "main.py",
        string encoding = "text",
        Dictionary<string, JsonElement>? inputs = null,
        Dictionary<string, string>? texts = null,
        FunctionLimits? limits = null,
        bool checks = true,
        string? environment = null,
        Dictionary<string, string>? files = null,
        bool collect = false,
        bool cache = false,
        double? cacheFor = null)
    {
        FunctionCaching caching = FunctionCaching.Of(cache, cacheFor);
        FunctionSource found = await FunctionSource.ReadAsync(source, function, name, encoding, environment, limits, context, stop);
        FunctionPlan plan = FunctionPlan.FromEnvironment();
        FunctionLimits all = FunctionLimits.Of(found.Limits) with { Files = limits?.Files ?? plan.UsualFiles };
        RefuseWhatIsOver(plan, all);
        await using FunctionParcel parcel = await FunctionParcel.OpenAsync(context, found.Environment, files, collect, all, time, stop);
        RunRequest request = new(found.FileName, found.Bytes)
        {
            Id = Guid.TryParse(context.Id, out Guid id) ? id.ToString("N") : Guid.NewGuid().ToString("N"),
            Inputs = FunctionInputs.Join(previous, inputs, texts),
            Texts = texts ?? [],
            Limits = found.Limits,
            Checks = checks,
            Patience = Patience,
        };
        if (await parcel.FindAnswerAsync(request, caching, stop) is { Found: true, Result: var answer })
            return answer;
        ISandboxRun? run = null;
        try
        {
            async Task<FunctionVerdict> RunOnceAsync(CancellationToken token)
            {
                run = await StartAsync(request, parcel, environments, found.Environment, token);
                RunEnd end = await FollowAsync(run, parcel.Log, context, time, token);
                string? left = await parcel.KeepAsync(end, token);
                await parcel.KeepAnswerAsync(request, caching, end, left, token);
                token.ThrowIfCancellationRequested();
                return Judge(end, request);
            }

            // Recorded before the run is removed: whoever comes after a death in between finds one of the two.
            FunctionVerdict verdict = parcel.HasBroker
                ? await context.StepAsync(string.Create(CultureInfo.InvariantCulture, $"run {context.Attempt}"), RunOnceAsync, stop)
                : await RunOnceAsync(stop);
            return verdict.Take();
        }
        finally
        {
            // Where the lease was lost the run is another delivery's, perhaps on this very machine.
            if (run is not null && !context.LostItsLease)
                await run.RemoveAsync(CancellationToken.None);
        }
    }

    /// <summary>Whoever sent it, and through whatever: the machine is its operator's.</summary>
    private static void RefuseWhatIsOver(FunctionPlan plan, FunctionLimits limits)
    {
        string[] over = [.. plan.Over(limits.ToLimits(), limits.Files).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Name} is at most {one.Most}"))];
        if (over.Length > 0)
            throw new FunctionFailedException("ESS6028", $"The call wants more than this worker allows: {string.Join("; ", over)}. Ask for less, or have its operator allow more (--function-plan).");
    }

    private static async Task<ISandboxRun> StartAsync(RunRequest request, FunctionParcel parcel, SandboxEnvironments environments, string environment, CancellationToken stop)
    {
        try
        {
            request.Validate();
            if (!SandboxEnvironment.IsName(environment))
                throw new SandboxException("ESS6034", $"'{environment}' cannot be the name of an environment: small letters, digits, dot, dash and underscore, 63 at most.");
            IHeldExecutor executor = environments.Open(environment);
            if (executor.Find(request.Id) is { } found)
            {
                await parcel.BeginLogAsync(found: true, stop);
                return found;
            }

            ExecutorProof proof = await environments.ProveAsync(environment, stop);
            if (!proof.Holds)
                throw new SandboxException("ESS6001", string.Join(' ', proof.Missing));
            await new RunSweeper(executor).SweepAsync(stop);
            using FetchedFiles fetched = await parcel.FetchAsync(stop);
            await parcel.BeginLogAsync(found: false, stop);
            request = request with { Files = fetched.Files };
            return environments.WarmOf(environment, WarmPlan.FromEnvironment()) is { } warm ? await warm.StartAsync(request, stop) : await executor.StartAsync(request, stop);
        }
        catch (SandboxException unable) when (unable.Code is "ESS6001" or "ESS6032" or "ESS6033" || (unable.Code == "ESS6034" && SandboxEnvironment.IsName(environment)))
        {
            // Another machine may have what this one lacks.
            throw new TaskRetryException(RetryDelay, new FunctionFailedException(unable.Code, unable.Message));
        }
        catch (SandboxException wrong)
        {
            throw new FunctionFailedException(wrong.Code, wrong.Message);
        }
    }

    private static async Task<RunEnd> FollowAsync(ISandboxRun run, FunctionLog log, TaskContext context, TimeProvider time, CancellationToken stop)
    {
        using CancellationTokenSource lost = new();
        await using CancellationTokenRegistration cancel = stop.Register(() =>
        {
            if (context.LostItsLease)
                lost.Cancel();
            else
                run.Cancel();
        });
        run.Keep();
        await using ITimer keeper = time.CreateTimer(_ => run.Keep(), null, BetweenKeeps, BetweenKeeps);
        LineSplitter lines = new(line => LogOut(context.Logger, PlainText.Of(line)));
        LineSplitter errors = new(line => LogError(context.Logger, PlainText.Of(line)));
        await foreach (RunOutput output in run.WatchAsync(log.Offset, lost.Token))
        {
            await log.AddAsync(output);
            switch (output)
            {
                case RunText text:
                    (text.IsError ? errors : lines).Add(text.Bytes.Span);
                    break;
                case RunProgress progress:
                    context.Progress(progress.Fraction, progress.Text);
                    break;
                case RunLogLine line:
                    LogLine(context.Logger, line.Level switch { "debug" => LogLevel.Debug, "warning" => LogLevel.Warning, "error" => LogLevel.Error, _ => LogLevel.Information }, line.Text);
                    break;
                case RunAdvice advice:
                    foreach (Finding finding in advice.Findings)
                        LogLine(context.Logger, LogLevel.Warning, $"line {finding.Line}: {finding.Message}");
                    break;
            }
        }

        lines.End();
        errors.End();
        return await run.WaitAsync(lost.Token);
    }

    private static FunctionVerdict Judge(RunEnd end, RunRequest request)
    {
        (string code, _) = RunReport.CodesOf(end);
        if (end.Reason == EndReason.Ok)
            return new FunctionVerdict(end.Result);
        string message = end.Refused.Count > 0 ? $"{request.SourceName} was not run: {end.Message}" : end.Message;
        // Our fault, not the function's: elsewhere, or later, it may go well.
        return end.Reason is EndReason.Sandbox or EndReason.Lost
            ? throw new TaskRetryException(RetryDelay, new FunctionFailedException(code, message))
            : new FunctionVerdict(null, code, message);
    }

    [LoggerMessage(7001, LogLevel.Information, "{Line}")]
    private static partial void LogOut(ILogger logger, string line);

    [LoggerMessage(7002, LogLevel.Error, "{Line}")]
    private static partial void LogError(ILogger logger, string line);

    [LoggerMessage(EventId = 7003, Message = "{Line}")]
    private static partial void LogLine(ILogger logger, LogLevel level, string line);
}
