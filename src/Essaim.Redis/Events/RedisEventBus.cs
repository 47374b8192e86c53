using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Essaim.Redis;

/// <summary>Celery's events over Redis pub/sub. It keeps no log: who listens sees what comes from then on.</summary>
internal sealed partial class RedisEventBus(RedisClient client, RedisKeys keys, ILogger logger) : IEventBus
{
    private const string Exchange = "celeryev";

    // Messages a slow reader may be behind; what comes beyond is dropped, and it is said so.
    private const int Buffered = 8192;
    private readonly StartingListeners _starting = new();
    private readonly EventAudience _audience = new(client, TimeProvider.System, keys.Channel(Exchange));

    public bool IsHeard => _audience.IsThere;

    public async ValueTask PublishAsync(IReadOnlyList<EventRecord> events, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _starting.WaitAsync(cancellationToken);
        // All are on their way before the first is waited for; the connection keeps their order.
        List<Task<RespReply>> sent = [];
        foreach (EventBatch batch in EventBatches.Of(events))
        {
            ReadOnlyMemory<byte> envelope = KombuEnvelope.Write(
                batch.Body.Span,
                json =>
                {
                    json.WriteString("hostname"u8, batch.Hostname);
                    if (batch.Facts is { } facts)
                        EventFacts.WriteHeader(json, facts);
                },
                deliveryMode: 1, Exchange, batch.RoutingKey);
            RespCommand publish = new RespCommand("PUBLISH", sizeHint: envelope.Length + 128)
                .Add(keys.Channel($"{Exchange}/{batch.RoutingKey}")).Add(envelope);
            // A heartbeat of an idle worker: nobody else need wake to hear that it is sent.
            publish.GoesOnHere = events.Count == 1;
            sent.Add(client.SendAsync(publish, cancellationToken).AsTask());
        }

        if ((await Task.WhenAll(sent)).Any(reply => reply.AsInteger() > 0))
            _audience.Heard();
    }

    public IAsyncEnumerable<EventEntry> SubscribeAsync(long? position, CancellationToken cancellationToken)
    {
        // "From now on" means from this call, not from the first step of the enumeration.
        EventInbox inbox = new(Buffered);
        Task<IAsyncDisposable> starting = StartAsync(inbox, cancellationToken);
        _starting.Add(starting);
        return ReadAsync(inbox, starting, position ?? 0, cancellationToken);
    }

    private async Task<IAsyncDisposable> StartAsync(EventInbox inbox, CancellationToken cancellationToken)
    {
        RedisSubscriber subscriber = await client.GetSubscriberAsync(cancellationToken);
        return await subscriber.SubscribeAsync(
            GlobText.Escape(keys.Channel(Exchange)) + "/*", true, message => inbox.Add(message.Payload), cancellationToken);
    }

    private async IAsyncEnumerable<EventEntry> ReadAsync(
        EventInbox inbox, Task<IAsyncDisposable> starting, long position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncDisposable subscription = await starting;
        await foreach (ReadOnlyMemory<byte> envelope in inbox.ReadAllAsync(cancellationToken))
        {
            List<EventRecord> events = EventMessage.Read(envelope, out int malformed);
            if (malformed > 0 && inbox.CountMalformed(malformed) is var unreadable && long.IsPow2(unreadable))
                LogMalformed(unreadable);
            if (inbox.TakeDropped() is > 0 and var dropped)
                LogDropped(dropped);
            foreach (EventRecord record in events)
                yield return new EventEntry(++position, record);
        }
    }

    [LoggerMessage(2250, LogLevel.Warning, "{Count} event messages could not be read and were left out")]
    private partial void LogMalformed(long count);

    [LoggerMessage(2251, LogLevel.Warning, "{Count} event messages were dropped: they come faster than they are read")]
    private partial void LogDropped(long count);
}
