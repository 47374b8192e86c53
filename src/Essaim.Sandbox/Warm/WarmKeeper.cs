using Microsoft.Extensions.Logging;

namespace Essaim.Sandbox;

/// <summary>Keeps the numbers of a plan waiting for as long as a worker runs: at its start, and when slots have become old.</summary>
internal sealed partial class WarmKeeper : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly SandboxOptions _options;
    private readonly WarmPlan _plan;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _keeping;

    public WarmKeeper(SandboxOptions options, WarmPlan plan, TimeProvider time, ILogger logger)
    {
        _options = options;
        _plan = plan;
        _time = time;
        _logger = logger;
        _keeping = Task.Run(KeepAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        _stop.Dispose();
    }

    private async Task KeepAsync()
    {
        try
        {
            BubblewrapExecutor executor = BubblewrapExecutor.Open(_options, _time);
            ExecutorProof proof = await executor.ProveAsync(_stop.Token);
            if (!proof.Holds)
                throw new SandboxException("ESS6001", string.Join(' ', proof.Missing));
            WarmExecutor warm = new(executor, _plan);
            for (; ; await Task.Delay(Between, _time, _stop.Token))
                await FillAsync(executor, warm);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The worker stops; what waits goes on for those who come next.
        }
        catch (SandboxException unable)
        {
            LogUnable(_logger, unable.Message);
        }
    }

    private async Task FillAsync(BubblewrapExecutor executor, WarmExecutor warm)
    {
        try
        {
            await new RunSweeper(executor).SweepAsync(_stop.Token);
            foreach (WarmEnvironment environment in WarmEnvironment.All)
                await warm.FillAsync(environment, _stop.Token);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SandboxException)
        {
            LogFault(_logger, fault.Message);
        }
    }

    [LoggerMessage(7041, LogLevel.Warning, "No sandbox is kept warm: {Reason}")]
    private static partial void LogUnable(ILogger logger, string reason);

    [LoggerMessage(7042, LogLevel.Warning, "A sandbox could not be kept warm: {Reason}")]
    private static partial void LogFault(ILogger logger, string reason);
}
