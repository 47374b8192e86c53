using System.Text.Json;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>What travels with a function: its files come from the broker, what it says and leaves goes there.</summary>
/// <param name="backend">The broker; null in a program without one.</param>
/// <param name="context">The task.</param>
/// <param name="environment">Where it runs.</param>
/// <param name="files">Names and blobs of its files.</param>
/// <param name="collect">Keep what it leaves.</param>
/// <param name="limits">Its limits.</param>
/// <param name="time">Clock.</param>
internal sealed class FunctionParcel(
    IBackend? backend, TaskContext context, string environment, IReadOnlyDictionary<string, string> files, bool collect, FunctionLimits limits, TimeProvider time) : IAsyncDisposable
{
    // A task that is delivered again, perhaps after a night, finds its files still.
    private static readonly TimeSpan FilesKept = TimeSpan.FromDays(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);
    private readonly TimeSpan _keep = backend is null ? TimeSpan.FromDays(1) : context.Client.ResultsKept;
    private FunctionLog? _log;

    /// <summary>False where it is run without one.</summary>
    public bool HasBroker => backend is not null;

    /// <summary>The log; begun by <see cref="BeginLogAsync"/>.</summary>
    public FunctionLog Log => _log!;

    public static async Task<FunctionParcel> OpenAsync(
        TaskContext context, string environment, IReadOnlyDictionary<string, string>? files, bool collect, FunctionLimits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        IBackend? backend = null;
        try
        {
            backend = await context.Client.GetBackendAsync(cancellationToken);
        }
        catch (InvalidOperationException)
        {
            // Run without a broker: nothing comes and nothing is kept.
        }

        return new FunctionParcel(backend, context, environment, files ?? new Dictionary<string, string>(), collect, limits, time);
    }

    /// <summary>Begins to keep the log, or goes on where the last worker stopped.</summary>
    /// <param name="found">The run goes on on this machine; else it is about to be started.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task BeginLogAsync(bool found, CancellationToken cancellationToken) => _log = await FunctionLog.BeginAsync(
        backend?.Logs, context.Id, found, _keep, limits.ToLimits().Log + (512 << 10), time, context.Logger, cancellationToken);

    /// <summary>Brings the files to this machine.</summary>
    /// <exception cref="FunctionFailedException"><c>ESS6003</c> too many bytes; <c>ESS6044</c> one is not in the broker.</exception>
    public async Task<FetchedFiles> FetchAsync(CancellationToken cancellationToken)
    {
        FetchedFiles fetched = new();
        try
        {
            long most = limits.FilesOrUsual;
            foreach ((string name, string id) in files)
            {
                ReadOnlyMemory<byte>? content = backend is not null && await backend.Blobs.KeepAsync(id, limits.ToLimits().Time + FilesKept, cancellationToken)
                    ? await backend.Blobs.GetAsync(id, cancellationToken)
                    : null;
                if (content is null)
                {
                    throw new FunctionFailedException(
                        "ESS6044", $"The file {name} ({id}) is not in the broker, or not any more. Put it there and send the task again; essaim run --file does both.");
                }

                if ((most -= content.Value.Length) < 0)
                    throw new FunctionFailedException("ESS6003", $"The files have more than {limits.FilesOrUsual} bytes together. Give the run more (--files-limit, limits.files), or send less.");
                await fetched.AddAsync(name, content.Value, cancellationToken);
            }

            return fetched;
        }
        catch (BlobException damaged)
        {
            fetched.Dispose();
            throw new FunctionFailedException(damaged.Code, damaged.Message);
        }
        catch (EssaimException away) when (away.MayPass)
        {
            fetched.Dispose();
            throw new TaskRetryException(RetryDelay, new FunctionFailedException(away.Code, away.Message));
        }
        catch
        {
            fetched.Dispose();
            throw;
        }
    }

    /// <summary>Keeps what the run has left, and says in the log's mark where. A result of days is not lost for a file that cannot be kept: it is told.</summary>
    /// <returns>The blob with the list; null where nothing was left.</returns>
    public async Task<string?> KeepAsync(RunEnd end, CancellationToken cancellationToken)
    {
        string? left = null;
        if (backend is not null && end.Artifacts.Count + end.Skipped.Count > 0)
        {
            ArtifactSender sender = new(backend.Blobs, _keep, limits.FilesOrUsual);
            TaskLeavings leavings = await sender.SendAsync(end, collect, (done, text) => context.Progress(done, text), cancellationToken);
            try
            {
                left = await leavings.WriteAsync(backend.Blobs, _keep, CancellationToken.None);
            }
            catch (EssaimException fault)
            {
                Log.Say($"warning: the list of its files could not be kept: {fault.Message}");
            }
        }

        await Log.EndAsync(left);
        return left;
    }

    /// <summary>An earlier run's answer, where there is one; the task's log says whose it is.</summary>
    /// <param name="request">What would be run.</param>
    /// <param name="cache">How long answers are kept, where they are asked for.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<(bool Found, JsonElement? Result)> FindAnswerAsync(RunRequest request, FunctionCaching cache, CancellationToken cancellationToken)
    {
        if (backend is null || !cache.Wanted)
            return default;
        FunctionCache answers = new(backend, cache.Keep, time);
        if (await answers.FindAsync(KeyOf(request), _keep, cancellationToken) is not { } found)
            return default;
        await BeginLogAsync(found: false, cancellationToken);
        Log.Say(FunctionCache.Sentence(found.Run));
        await Log.EndAsync(found.Run.Left);
        return (true, found.Result);
    }

    /// <summary>Keeps a good end for those who ask for the same.</summary>
    public async Task KeepAnswerAsync(RunRequest request, FunctionCaching cache, RunEnd end, string? left, CancellationToken cancellationToken)
    {
        if (backend is not null && cache.Wanted && end.Reason == EndReason.Ok)
            await new FunctionCache(backend, cache.Keep, time).KeepAsync(KeyOf(request), context.Id, end.Result, left, cancellationToken);
    }

    private string KeyOf(RunRequest request) => FunctionCache.KeyOf(request, environment, files, collect);

    public async ValueTask DisposeAsync()
    {
        if (_log is not null)
            await _log.DisposeAsync();
    }
}

/// <summary>Whether earlier answers will do.</summary>
/// <param name="Wanted">They will.</param>
/// <param name="Keep">How long this run's answer is kept for others.</param>
internal sealed record FunctionCaching(bool Wanted, TimeSpan Keep)
{
    /// <summary>From a message.</summary>
    /// <exception cref="FunctionFailedException"><c>ESS6003</c>: the time is none.</exception>
    public static FunctionCaching Of(bool cache, double? seconds) => seconds is null or (>= 1 and < 1e9)
        ? new FunctionCaching(cache, seconds is { } given ? TimeSpan.FromSeconds(given) : TimeSpan.FromDays(1))
        : throw new FunctionFailedException("ESS6003", $"An answer cannot be kept for {seconds} seconds (cache_for). Give 1 or more.");
}
