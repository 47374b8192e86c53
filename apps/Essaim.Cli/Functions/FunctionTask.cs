using System.Text;
using System.Text.Json;
using Essaim.Sandbox;
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
        app.AddTask(Name, RunAsync);
        app.WorkerAdditions.Add(new WarmAddition());
    }

    private static async Task<JsonElement?> RunAsync(
        string source,
        TaskContext context,
        TimeProvider time,
        CancellationToken stop,
        string name = "main.py",
        string encoding = "text",
        Dictionary<string, JsonElement>? inputs = null,
        Dictionary<string, string>? texts = null,
        FunctionLimits? limits = null,
        bool checks = true,
        Dictionary<string, string>? files = null,
        bool collect = false,
        bool cache = false,
        double? cacheFor = null)
    {
        FunctionCaching caching = FunctionCaching.Of(cache, cacheFor);
        await using FunctionParcel parcel = await FunctionParcel.OpenAsync(context, files, collect, limits ?? new FunctionLimits(), time, stop);
        RunRequest request = new(name, Decode(source, encoding))
        {
            Id = Guid.TryParse(context.Id, out Guid id) ? id.ToString("N") : Guid.NewGuid().ToString("N"),
            Inputs = inputs ?? [],
            Texts = texts ?? [],
            Limits = (limits ?? new FunctionLimits()).ToLimits(),
            Checks = checks,
            Patience = Patience,
        };
        if (await parcel.FindAnswerAsync(request, caching, stop) is { Found: true, Result: var answer })
            return answer;
        ISandboxRun run = await StartAsync(request, parcel, time, stop);
        try
        {
            RunEnd end = await FollowAsync(run, parcel.Log, context, time, stop);
            string? left = await parcel.KeepAsync(end, stop);
            await parcel.KeepAnswerAsync(request, caching, end, left, stop);
            stop.ThrowIfCancellationRequested();
            return Judge(end, request);
        }
        finally
        {
            await run.RemoveAsync(CancellationToken.None);
        }
    }

    private static async Task<ISandboxRun> StartAsync(RunRequest request, FunctionParcel parcel, TimeProvider time, CancellationToken stop)
    {
        try
        {
            request.Validate();
            BubblewrapExecutor executor = BubblewrapExecutor.Open(new SandboxOptions(), time);
            if (executor.Find(request.Id) is { } found)
            {
                await parcel.BeginLogAsync(found: true, stop);
                return found;
            }

            ExecutorProof proof = await executor.ProveAsync(stop);
            if (!proof.Holds)
                throw new SandboxException("ESS6001", string.Join(' ', proof.Missing));
            await new RunSweeper(executor).SweepAsync(stop);
            using FetchedFiles fetched = await parcel.FetchAsync(stop);
            await parcel.BeginLogAsync(found: false, stop);
            return await new WarmExecutor(executor, WarmPlan.FromEnvironment())
                .StartAsync(request with { Files = fetched.Files }, stop);
        }
        catch (SandboxException unable) when (unable.Code == "ESS6001")
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
        await using CancellationTokenRegistration cancel = stop.Register(run.Cancel);
        run.Keep();
        await using ITimer keeper = time.CreateTimer(_ => run.Keep(), null, BetweenKeeps, BetweenKeeps);
        LineSplitter lines = new(line => LogOut(context.Logger, PlainText.Of(line)));
        LineSplitter errors = new(line => LogError(context.Logger, PlainText.Of(line)));
        await foreach (RunOutput output in run.WatchAsync(log.Offset, CancellationToken.None))
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
        return await run.WaitAsync(CancellationToken.None);
    }

    private static JsonElement? Judge(RunEnd end, RunRequest request)
    {
        (string code, _) = RunReport.CodesOf(end);
        if (end.Reason == EndReason.Ok)
            return end.Result;
        FunctionFailedException failure = new(code, end.Refused.Count > 0 ? $"{request.SourceName} was not run: {end.Message}" : end.Message);
        // Our fault, not the function's: elsewhere, or later, it may go well.
        throw end.Reason is EndReason.Sandbox or EndReason.Lost ? new TaskRetryException(RetryDelay, failure) : failure;
    }

    private static byte[] Decode(string source, string encoding)
    {
        try
        {
            return encoding switch
            {
                "text" => Encoding.UTF8.GetBytes(source),
                "base64" => Convert.FromBase64String(source),
                _ => throw new FunctionFailedException("ESS6003", $"The encoding '{encoding}' is not known. It is text or base64."),
            };
        }
        catch (FormatException)
        {
            throw new FunctionFailedException("ESS6003", "The source is not base64, as its encoding says.");
        }
    }

    [LoggerMessage(7001, LogLevel.Information, "{Line}")]
    private static partial void LogOut(ILogger logger, string line);

    [LoggerMessage(7002, LogLevel.Error, "{Line}")]
    private static partial void LogError(ILogger logger, string line);

    [LoggerMessage(EventId = 7003, Message = "{Line}")]
    private static partial void LogLine(ILogger logger, LogLevel level, string line);
}
