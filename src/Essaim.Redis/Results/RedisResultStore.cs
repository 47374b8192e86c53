using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>Results under Celery's own keys, announced on the channels of the same names.</summary>
internal sealed class RedisResultStore(RedisLink link) : IResultStore
{
    private const int MostAtOnce = 1000;

    public async ValueTask SetAsync(ResultWrite write, CancellationToken cancellationToken)
    {
        if (write.Document.Length > link.Settings.MaxMessageBytes)
            throw PayloadTooLargeException.OfResult(write.TaskId, write.Document.Length, link.Settings.MaxMessageBytes);
        RespCommand command = link.Call(RedisScripts.SetResult, idempotent: true)
            .Add(link.Keys.ResultStart, write.TaskId)
            .Add(write.ExpiresAfter is { } span ? PublishOps.Milliseconds(span) : 0)
            .Add(write.Document);
        await link.EvalAsync(RedisScripts.SetResult, command, cancellationToken);
    }

    public async ValueTask<ResultDocument?> GetAsync(string taskId, CancellationToken cancellationToken) =>
        await ReadAsync(link.Keys.Result(taskId), cancellationToken) is { } document ? ResultDocument.Decode(document) : null;

    public async ValueTask<IReadOnlyList<ResultDocument?>> GetManyAsync(IReadOnlyList<string> taskIds, CancellationToken cancellationToken)
    {
        ResultDocument?[] documents = new ResultDocument?[taskIds.Count];
        for (int start = 0; start < documents.Length; start += MostAtOnce)
        {
            int end = Math.Min(start + MostAtOnce, documents.Length);
            RespCommand command = new("MGET", idempotent: true, sizeHint: 64 * (end - start));
            for (int i = start; i < end; i++)
                command.Add(link.Keys.ResultStart, taskIds[i]);
            RespReader reader = (await link.Client.SendAsync(command, cancellationToken)).Read();
            reader.ReadArray();
            for (int i = start; i < end; i++)
                documents[i] = reader.ReadBytes() is { } document ? ResultDocument.Decode(document) : null;
        }

        return documents;
    }

    public async IAsyncEnumerable<ResultDocument> WatchAsync(string taskId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string key = link.Keys.Result(taskId);
        // The newest is kept: passing states may be skipped, and nothing follows a ready one.
        Channel<ReadOnlyMemory<byte>> news = Channel.CreateBounded<ReadOnlyMemory<byte>>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        RedisSubscriber subscriber = await link.Client.GetSubscriberAsync(cancellationToken);
        // Empty: announcements may have been missed, so what is stored is looked at.
        await using IAsyncDisposable subscription = await subscriber.SubscribeAsync(
            key, pattern: false, message => news.Writer.TryWrite(message.Payload), cancellationToken, () => news.Writer.TryWrite(default));
        news.Writer.TryWrite(default);
        for (ReadOnlyMemory<byte> last = default; ;)
        {
            ReadOnlyMemory<byte> document = await news.Reader.ReadAsync(cancellationToken);
            if (document.IsEmpty)
                document = await ReadAsync(key, cancellationToken) ?? default;
            if (document.IsEmpty || document.Span.SequenceEqual(last.Span))
                continue;
            last = document;
            ResultDocument decoded = ResultDocument.Decode(document);
            yield return decoded;
            if (decoded.State.IsReady)
                yield break;
        }
    }

    public async ValueTask ForgetAsync(IReadOnlyList<string> taskIds, CancellationToken cancellationToken)
    {
        for (int start = 0; start < taskIds.Count; start += MostAtOnce)
        {
            RespCommand command = new("DEL", idempotent: true);
            foreach (string taskId in taskIds.Skip(start).Take(MostAtOnce))
                command.Add(link.Keys.ResultStart, taskId);
            await link.Client.SendAsync(command, cancellationToken);
        }
    }

    public async ValueTask SaveGroupAsync(string groupId, RawJson structure, TimeSpan? expiresAfter, CancellationToken cancellationToken)
    {
        RespCommand command = new RespCommand("SET", idempotent: true).Add(link.Keys.Group(groupId)).Add(structure.Utf8);
        if (expiresAfter is { } span)
            command.Add("PX"u8).Add(PublishOps.Milliseconds(span));
        await link.Client.SendAsync(command, cancellationToken);
    }

    public async ValueTask<RawJson?> GetGroupAsync(string groupId, CancellationToken cancellationToken) =>
        await ReadAsync(link.Keys.Group(groupId), cancellationToken) is { } structure ? new RawJson(structure) : null;

    public async ValueTask<IReadOnlyList<FeedEntry>> ReadCompletionsAsync(long position, int max, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.Feed, idempotent: true).Add(position).Add(max);
        RespReader reader = (await link.EvalAsync(RedisScripts.Feed, command, cancellationToken)).Read();
        int left = reader.ReadArray() - 1;
        if (left <= 0)
            return [];
        long at = reader.ReadInteger();
        List<FeedEntry> entries = [];
        for (; left > 0; left--)
        {
            ReadOnlyMemory<byte> lines = reader.ReadBytes() ?? default;
            foreach (Range line in lines.Span.Split((byte)'\n'))
            {
                at++;
                // The first entry may begin before what is asked for, the last may end after it.
                if (at > position && entries.Count < max && TryRead(lines.Span[line]) is { } completion)
                    entries.Add(new FeedEntry(at, completion));
            }
        }

        return entries;
    }

    private static Completion? TryRead(ReadOnlySpan<byte> text)
    {
        try
        {
            return CompletionJson.Read(text);
        }
        catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Somebody else wrote into the feed.
            return null;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string key, CancellationToken cancellationToken) =>
        (await link.Client.SendAsync(new RespCommand("GET", idempotent: true).Add(key), cancellationToken)).AsBytes();
}
