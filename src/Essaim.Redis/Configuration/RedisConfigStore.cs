using System.Globalization;
using System.Runtime.CompilerServices;
using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim.Redis;

/// <summary>
/// The published configuration in Redis: the hashes <c>PREFIX:queues</c>, <c>PREFIX:routes</c> and <c>PREFIX:base</c> (values are
/// JSON), <c>PREFIX:version</c>, <c>PREFIX:meta</c>, and the channel <c>PREFIX_updates</c>, on which each new version is announced.
/// </summary>
internal sealed partial class RedisConfigStore(RedisClient client, TimeProvider time, ILogger logger, string prefix = RedisConfigStore.DefaultPrefix) : IConfigStore
{
    public const string DefaultPrefix = "celery_config";

    // An announcement may be missed while the connection is down.
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(30);
    private static readonly RedisScript Read = RedisScript.Load("config_read.lua");
    private static readonly RedisScript Publish = RedisScript.Load("config_publish.lua");

    private string Channel => prefix + "_updates";

    public async ValueTask<ConfigSnapshot?> ReadAsync(CancellationToken cancellationToken)
    {
        RespReply reply = await client.EvalAsync(Read, AddKeys(Read.Call(5, idempotent: true)), cancellationToken);
        return reply.IsNull ? null : ReadSnapshot(reply);
    }

    public async ValueTask<ConfigSnapshot?> PublishAsync(ConfigDocument document, string? expectedVersion, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        DateTimeOffset now = time.GetUtcNow();
        RespCommand command = AddKeys(Publish.Call(5, sizeHint: 4096))
            .Add(Channel).Add(expectedVersion is null ? 0 : 1).Add(expectedVersion ?? "")
            .Add(document.Author).Add(now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        foreach (IReadOnlyDictionary<string, RawJson> part in new[] { document.Queues, document.Routes, document.Base })
        {
            command.Add(part.Count);
            foreach ((string name, RawJson value) in part)
                command.Add(name).Add(value.Utf8);
        }

        RespReply reply = await client.EvalAsync(Publish, command, cancellationToken);
        return reply.AsText() is { } version ? new ConfigSnapshot(version, now, document) : null;
    }

    public async IAsyncEnumerable<ConfigSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch news = new(time);
        RedisSubscriber subscriber = await client.GetSubscriberAsync(cancellationToken);
        await using IAsyncDisposable subscription = await subscriber.SubscribeAsync(Channel, false, _ => news.Set(), cancellationToken, news.Set);
        string? seen = null;
        bool reading = true;
        while (true)
        {
            ConfigSnapshot? current = null;
            try
            {
                current = await ReadAsync(cancellationToken);
                if (!reading)
                    LogReadAgain(prefix);
                reading = true;
            }
            catch (EssaimException error)
            {
                if (reading)
                    LogNotRead(prefix, error.Message);
                reading = false;
            }

            if (current is not null && current.Version != seen)
            {
                seen = current.Version;
                yield return current;
            }

            await news.WaitAsync(PollEvery, cancellationToken);
        }
    }

    private RespCommand AddKeys(RespCommand command) =>
        command.Add(prefix + ":version").Add(prefix + ":meta").Add(prefix + ":queues").Add(prefix + ":routes").Add(prefix + ":base");

    private static ConfigSnapshot ReadSnapshot(in RespReply reply)
    {
        RespReader reader = reply.Read();
        reader.ReadArray();
        string version = reader.ReadText() ?? "";
        string author = reader.ReadText() ?? "";
        bool timed = DateTimeOffset.TryParse(
            reader.ReadText(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at);
        Dictionary<string, RawJson> queues = ReadHash(ref reader);
        Dictionary<string, RawJson> routes = ReadHash(ref reader);
        Dictionary<string, RawJson> settings = ReadHash(ref reader);
        return new ConfigSnapshot(version, timed ? at : DateTimeOffset.UnixEpoch, new ConfigDocument(queues, routes, settings, author));
    }

    private static Dictionary<string, RawJson> ReadHash(ref RespReader reader)
    {
        int fields = reader.ReadArray() / 2;
        Dictionary<string, RawJson> hash = new(fields);
        for (int i = 0; i < fields; i++)
            hash[reader.ReadText() ?? ""] = new RawJson(reader.ReadBytes() ?? default);
        return hash;
    }

    [LoggerMessage(2270, LogLevel.Warning, "The configuration under {Prefix} cannot be read; the last good one stays in use: {Reason}")]
    private partial void LogNotRead(string prefix, string reason);

    [LoggerMessage(2271, LogLevel.Information, "The configuration under {Prefix} can be read again")]
    private partial void LogReadAgain(string prefix);
}
