using System.Threading.Channels;
using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim.Redis;

/// <summary>Celery's remote control (pidbox) over Redis.</summary>
internal sealed partial class RedisControlBus(RedisClient client, RedisKeys keys, TimeProvider time, ILogger logger) : IControlBus, IAsyncDisposable
{
    // Requests a busy node may be behind.
    private const int Buffered = 4096;
    private readonly StartingListeners _starting = new();
    private readonly LogicalClock _clock = new();
    private readonly ControlReplyBox _box = new(client, keys, time, logger);

    public async ValueTask CastAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _starting.WaitAsync(cancellationToken);
        await SendAsync(new ControlMessage(Stamped(request), null, null, null, null, null, Expires: 0), cancellationToken);
    }

    public async ValueTask<IReadOnlyList<ControlReply>> CallAsync(ControlRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _starting.WaitAsync(cancellationToken);
        string ticket = Guid.NewGuid().ToString();
        ControlReplies replies = new(request.Destination, time);
        double expires = Now() + timeout.TotalSeconds;
        ControlMessage message = new(Stamped(request), null, null, ticket, ControlMessage.ReplyExchangeName, _box.Oid, expires);
        try
        {
            await _box.OpenAsync(ticket, replies, () => SendAsync(message, cancellationToken), cancellationToken);
            IReadOnlyList<ControlReply> gathered = await replies.GatherAsync(timeout, cancellationToken);
            foreach (ControlReply reply in gathered)
                _clock.Adjust(reply.Clock ?? 0);
            return gathered;
        }
        finally
        {
            await _box.CloseAsync(ticket);
        }
    }

    public async Task ServeAsync(string node, Func<ControlRequest, CancellationToken, ValueTask<RawJson?>> handler, CancellationToken cancellationToken)
    {
        Channel<ReadOnlyMemory<byte>> inbox = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(Buffered) { SingleReader = true });
        string member = $"\u0006\u0016\u0006\u0016{node}.{ControlMessage.Exchange}";
        Task<IAsyncDisposable> starting = StartAsync(member, inbox, cancellationToken);
        _starting.Add(starting);
        try
        {
            await using IAsyncDisposable subscription = await starting;
            await foreach (ReadOnlyMemory<byte> envelope in inbox.Reader.ReadAllAsync(cancellationToken))
                await HandleAsync(node, envelope, handler, cancellationToken);
        }
        finally
        {
            await UnbindAsync(node, member);
        }
    }

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    private async Task<IAsyncDisposable> StartAsync(string member, Channel<ReadOnlyMemory<byte>> inbox, CancellationToken cancellationToken)
    {
        await BindAsync(member, cancellationToken);
        RedisSubscriber subscriber = await client.GetSubscriberAsync(cancellationToken);
        return await subscriber.SubscribeAsync(
            keys.Channel(ControlMessage.Exchange), false,
            message =>
            {
                if (!inbox.Writer.TryWrite(message.Payload))
                    LogOverrun(Buffered);
            },
            cancellationToken,
            () => _ = RebindAsync(member));
    }

    private async ValueTask BindAsync(string member, CancellationToken cancellationToken) =>
        await client.SendAsync(new RespCommand("SADD", idempotent: true).Add(keys.Binding(ControlMessage.Exchange)).Add(member), cancellationToken);

    /// <summary>A server that was started anew, without what it kept, knows the node no more.</summary>
    private async Task RebindAsync(string member)
    {
        try
        {
            await BindAsync(member, CancellationToken.None);
        }
        catch (Exception error) when (error is EssaimException or ObjectDisposedException)
        {
            // The next loss of the connection is another occasion; requests come by the channel all the same.
            LogNotBound(error.Message);
        }
    }

    private async ValueTask UnbindAsync(string node, string member)
    {
        try
        {
            await client.SendAsync(
                new RespCommand("SREM", idempotent: true).Add(keys.Binding(ControlMessage.Exchange)).Add(member), CancellationToken.None);
        }
        catch (Exception error) when (error is EssaimException or ObjectDisposedException)
        {
            LogNotUnbound(node, error.Message);
        }
    }

    private async ValueTask HandleAsync(
        string node, ReadOnlyMemory<byte> envelope, Func<ControlRequest, CancellationToken, ValueTask<RawJson?>> handler, CancellationToken cancellationToken)
    {
        if (ControlMessage.TryRead(envelope) is not { } message)
        {
            LogMalformed();
            return;
        }

        _clock.Forward();
        _clock.Adjust(message.Request.Clock ?? 0);
        if ((message.Expires > 0 && Now() > message.Expires) || !NodePattern.IsFor(message, node))
            return;
        RawJson? answer = await ControlAnswer.GetAsync(handler, message.Request, cancellationToken);
        if (answer is not { } value || !message.WantsReply)
            return;
        try
        {
            await ReplyAsync(message, message.EncodeReply(node, value, _clock.Forward()), cancellationToken);
        }
        catch (EssaimException error)
        {
            LogNotAnswered(message.Request.Method, error.Message);
        }
    }

    // Pushing to a list that is not bound would leave a key behind for a client that is gone.
    private async ValueTask ReplyAsync(ControlMessage message, ReadOnlyMemory<byte> envelope, CancellationToken cancellationToken)
    {
        RespReply bindings = await client.SendAsync(
            new RespCommand("SMEMBERS", idempotent: true).Add(keys.Binding(message.ReplyExchange!)), cancellationToken);
        foreach (string binding in bindings.AsTexts())
        {
            if (binding.Split("\u0006\u0016") is [var key, _, var queue] && key == message.ReplyKey)
                await client.SendAsync(new RespCommand("LPUSH", sizeHint: envelope.Length + 128).Add(keys.Global + queue).Add(envelope), cancellationToken);
        }
    }

    private async ValueTask SendAsync(ControlMessage message, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> envelope = message.Encode();
        await client.SendAsync(
            new RespCommand("PUBLISH", sizeHint: envelope.Length + 128).Add(keys.Channel(ControlMessage.Exchange)).Add(envelope), cancellationToken);
    }

    private ControlRequest Stamped(ControlRequest request)
    {
        if (request.Clock is not { } clock)
            return request with { Clock = _clock.Forward() };
        _clock.Adjust(clock);
        return request;
    }

    private double Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    [LoggerMessage(2262, LogLevel.Warning, "A control request could not be read and was left out")]
    private partial void LogMalformed();

    [LoggerMessage(2263, LogLevel.Warning, "A control request was dropped: {Count} others wait to be handled")]
    private partial void LogOverrun(int count);

    [LoggerMessage(2264, LogLevel.Warning, "The answer to control request {Method} could not be sent: {Reason}")]
    private partial void LogNotAnswered(string method, string reason);

    [LoggerMessage(2265, LogLevel.Warning, "Node {Node} could not be taken off the control exchange: {Reason}")]
    private partial void LogNotUnbound(string node, string reason);

    [LoggerMessage(2279, LogLevel.Warning, "This node's control queue could not be declared again: {Reason}")]
    private partial void LogNotBound(string reason);
}
