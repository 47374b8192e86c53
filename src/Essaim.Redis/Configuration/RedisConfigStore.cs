using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>
/// The published configuration in Redis: the hashes <c>PREFIX:queues</c>, <c>PREFIX:routes</c> and <c>PREFIX:base</c> (values are
/// JSON), <c>PREFIX:version</c>, <c>PREFIX:hash</c>, <c>PREFIX:meta</c> (revision, author, host), the list <c>PREFIX:history</c>, and the
/// channel <c>PREFIX_updates</c>, on which each new version is announced.
/// </summary>
internal sealed class RedisConfigStore(RedisClient client, TimeProvider time, string prefix = RedisConfigStore.DefaultPrefix) : IConfigStore
{
    public const string DefaultPrefix = "celery_config";

    // An announcement may be missed while the connection is down.
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(10);
    private static readonly RedisScript Read = RedisScript.Load("config_read.lua");
    private static readonly RedisScript Publish = RedisScript.Load("config_publish.lua");

    private string Channel => prefix + "_updates";

    public async ValueTask<ConfigSnapshot?> ReadAsync(CancellationToken cancellationToken) => ReadSnapshot(await AskAsync(known: null, cancellationToken));

    public async ValueTask<ConfigSnapshot?> PublishAsync(ConfigDocument document, string? expectedVersion, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RespCommand command = Add(Publish.Call(7, sizeHint: 8192), "version", "hash", "meta", "history", "queues", "routes", "base")
            .Add(Channel).Add(expectedVersion is null ? 0 : 1).Add(expectedVersion ?? "")
            .Add(document.Hash).Add(document.Revision).Add(document.Author).Add(document.Host)
            .Add(ConfigDocumentJson.Write(document).Utf8).Add(IConfigStore.Kept);
        foreach (IReadOnlyDictionary<string, RawJson> part in new[] { document.Queues, document.Routes, document.Base })
        {
            command.Add(part.Count);
            foreach ((string name, RawJson value) in part)
                command.Add(name).Add(value.Utf8);
        }

        RespReply reply = await client.EvalAsync(Publish, command, cancellationToken);
        return reply.AsText() is { } version ? new ConfigSnapshot(version, ConfigVersion.InstantOf(version), document) { DeclaredHash = document.Hash } : null;
    }

    public async ValueTask<IReadOnlyList<ConfigSnapshot>> GetHistoryAsync(CancellationToken cancellationToken)
    {
        using RespCommand command = new RespCommand("LRANGE", idempotent: true).Add(prefix + ":history").Add(0).Add(IConfigStore.Kept - 1);
        RespReader reader = (await client.SendAsync(command, cancellationToken)).Read();
        int count = reader.ReadArray();
        List<ConfigSnapshot> snapshots = new(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlyMemory<byte> entry = reader.ReadBytes() ?? default;
            int space = entry.Span.IndexOf((byte)' ');
            string version = space > 0 ? Encoding.UTF8.GetString(entry.Span[..space]) : "";
            ConfigDocument document = ConfigDocumentJson.Read(entry[(space + 1)..], $"The entry {i} of {prefix}:history");
            snapshots.Add(new ConfigSnapshot(version, ConfigVersion.InstantOf(version), document) { DeclaredHash = document.Hash });
        }

        return snapshots;
    }

    public async IAsyncEnumerable<ConfigSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch news = new(time);
        RedisSubscriber subscriber = await client.GetSubscriberAsync(cancellationToken);
        await using IAsyncDisposable subscription = await subscriber.SubscribeAsync(Channel, false, _ => news.Set(), cancellationToken, news.Set);
        string? seen = null;
        while (true)
        {
            RespReply reply = await AskAsync(seen, cancellationToken);
            // Emptied, or another server: who has a source is to offer it again.
            if (reply.IsNull && seen is not null)
                throw new ConfigException("ESS1305", $"The configuration {seen} is not in Redis any more. Where no worker publishes it again by itself, use 'config publish'.");
            if (ReadSnapshot(reply) is { } current && current.Version != seen)
            {
                seen = current.Version;
                yield return current;
            }

            await news.WaitAsync(PollEvery, cancellationToken);
        }
    }

    /// <summary>The configuration; null where there is none, the version alone where it is the known one.</summary>
    private ValueTask<RespReply> AskAsync(string? known, CancellationToken cancellationToken)
    {
        RespCommand command = Add(Read.Call(6, idempotent: true), "version", "hash", "meta", "queues", "routes", "base").Add(known ?? "");
        return client.EvalAsync(Read, command, cancellationToken);
    }

    private RespCommand Add(RespCommand command, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
            command.Add($"{prefix}:{key}");
        return command;
    }

    private static ConfigSnapshot? ReadSnapshot(in RespReply reply)
    {
        if (reply.Kind != RespKind.Array || reply.IsNull)
            return null;
        RespReader reader = reply.Read();
        reader.ReadArray();
        string version = reader.ReadText() ?? "";
        string? hash = reader.ReadText();
        long revision = long.TryParse(reader.ReadText(), NumberStyles.Integer, CultureInfo.InvariantCulture, out long declared) ? declared : 0;
        string author = reader.ReadText() ?? "";
        string host = reader.ReadText() ?? "";
        Dictionary<string, RawJson> queues = ReadHash(ref reader);
        Dictionary<string, RawJson> routes = ReadHash(ref reader);
        Dictionary<string, RawJson> settings = ReadHash(ref reader);
        ConfigDocument document = new(queues, routes, settings, author) { Revision = revision, Host = host };
        return new ConfigSnapshot(version, ConfigVersion.InstantOf(version), document) { DeclaredHash = hash };
    }

    private static Dictionary<string, RawJson> ReadHash(ref RespReader reader)
    {
        int fields = reader.ReadArray() / 2;
        Dictionary<string, RawJson> hash = new(fields, StringComparer.Ordinal);
        for (int i = 0; i < fields; i++)
            hash[reader.ReadText() ?? ""] = new RawJson(reader.ReadBytes() ?? default);
        return hash;
    }
}
