using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Essaim.Protocol;
using Essaim.Sandbox;
using Essaim.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>
/// Keeps the broker's catalog of functions as the core's store has them, and their sources in the broker: at the start, every ten seconds, and
/// before each run that is submitted here. So a broker that lost them, or was made anew, has them again.
/// </summary>
internal sealed partial class FunctionKeeper(IMetadataStore store, IBackend backend, TimeProvider time, ILogger<FunctionKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // Sources are looked after more seldom: one command each.
    private static readonly TimeSpan SourceInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private readonly SemaphoreSlim _one = new(1);
    private DateTimeOffset _sourcesAt;

    /// <summary>Tells the fleet of a function, or that it is gone.</summary>
    /// <exception cref="EssaimException">The broker cannot be reached.</exception>
    public async ValueTask PublishAsync(string name, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            IReadOnlyList<FunctionVersion> versions = await store.Functions.ListVersionsAsync(TaskRecord.DefaultTenant, name, cancellationToken);
            if (versions.Count == 0)
            {
                await backend.Functions.RemoveAsync(name, cancellationToken);
                return;
            }

            // Sources first: what can be found can be run.
            foreach (FunctionVersion version in versions)
                await KeepSourceAsync(version, cancellationToken);
            string stamp = StampOf(string.Join(',', versions.Select(version => version.Id)));
            await backend.Functions.PutAsync(new FunctionListing(name, stamp, versions[0].Id, versions.ToDictionary(version => version.Id, Describe)), cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>As <see cref="PublishAsync(string, CancellationToken)"/>; where the broker is away it is made up for later.</summary>
    public async ValueTask TryPublishAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(name, cancellationToken);
        }
        catch (EssaimException away)
        {
            LogFailure(away.Message);
        }
    }

    /// <summary>Removes sources nobody needs any more. Where the broker is away they go by themselves, when their time is over.</summary>
    public async ValueTask ForgetSourcesAsync(IReadOnlyList<FunctionVersion> removed, CancellationToken cancellationToken)
    {
        try
        {
            foreach (string hash in removed.Select(version => version.SourceHash).Distinct())
            {
                if (!await store.Functions.IsSourceUsedAsync(hash, cancellationToken))
                    await backend.Blobs.RemoveAsync(hash, cancellationToken);
            }
        }
        catch (EssaimException away)
        {
            LogFailure(away.Message);
        }
    }

    /// <summary>Sees to it that a version can be run: its entry and its source are in the broker.</summary>
    /// <exception cref="EssaimException">The broker cannot be reached.</exception>
    public async ValueTask EnsureAsync(FunctionVersion version, CancellationToken cancellationToken)
    {
        if (await backend.Functions.FindAsync(version.Name, version.Id, cancellationToken) is null || !await backend.Blobs.KeepAsync(version.SourceHash, Kept, cancellationToken))
            await PublishAsync(version.Name, cancellationToken);
    }

    /// <summary>Compares and mends once.</summary>
    /// <returns>How many functions were put or removed.</returns>
    public async Task<int> RepairAsync(CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> stamps = await backend.Functions.GetStampsAsync(cancellationToken);
        bool sources = time.GetUtcNow() - _sourcesAt >= SourceInterval;
        int mended = 0;
        foreach (FunctionSummary summary in await store.Functions.ListAsync(TaskRecord.DefaultTenant, cancellationToken))
        {
            string name = summary.Latest.Name;
            if (stamps.GetValueOrDefault(name) == StampOf(summary.Ids) && !(sources && await AnySourceIsMissingAsync(name, cancellationToken)))
                continue;
            await PublishAsync(name, cancellationToken);
            mended++;
        }

        foreach (string gone in (await store.Functions.ListRemovedAsync(TaskRecord.DefaultTenant, cancellationToken)).Where(stamps.ContainsKey))
        {
            await PublishAsync(gone, cancellationToken);
            mended++;
        }

        if (sources)
            _sourcesAt = time.GetUtcNow();
        return mended;
    }

    public override void Dispose()
    {
        base.Dispose();
        _one.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await RepairAsync(stoppingToken) is > 0 and var mended)
                    LogMended(mended);
                failing = false;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                if (!failing)
                    LogFailure(error.Message);
                failing = true;
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask KeepSourceAsync(FunctionVersion version, CancellationToken cancellationToken)
    {
        if (!await backend.Blobs.KeepAsync(version.SourceHash, Kept, cancellationToken)
            && await store.Functions.ReadSourceAsync(version.Tenant, version.Name, version.Id, cancellationToken) is { } source)
            await backend.Blobs.PutAsync(source, Kept, cancellationToken);
    }

    private async ValueTask<bool> AnySourceIsMissingAsync(string name, CancellationToken cancellationToken)
    {
        bool missing = false;
        foreach (FunctionVersion version in await store.Functions.ListVersionsAsync(TaskRecord.DefaultTenant, name, cancellationToken))
            missing |= !await backend.Blobs.KeepAsync(version.SourceHash, Kept, cancellationToken);
        return missing;
    }

    /// <summary>What a worker needs to know to run it.</summary>
    private static RawJson Describe(FunctionVersion version) => new FunctionDocument(
        version.Environment, JsonSerializer.Deserialize<FunctionLimits>(version.Limits, EssaimJson.Options)!, JsonSerializer.Deserialize<JsonElement>(version.Inputs), version.Entry, version.SourceHash).Encode();

    private static string StampOf(string ids) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("1," + ids)));

    [LoggerMessage(7011, LogLevel.Information, "{Count} functions were not in the broker as they are here, and are now")]
    private partial void LogMended(int count);

    [LoggerMessage(7012, LogLevel.Warning, "Functions cannot be kept in the broker: {Reason}")]
    private partial void LogFailure(string reason);
}
