using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Essaim.Redis;

/// <summary>
/// The list replies to this client come to. It is bound and read while at least one call waits; afterwards nothing of it is left.
/// </summary>
internal sealed partial class ControlReplyBox(RedisClient client, RedisKeys keys, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromMilliseconds(250);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<string, ControlReplies> _waiting = new();
    private CancellationTokenSource? _end;
    private Task _reading = Task.CompletedTask;

    /// <summary>The routing key of replies to this client.</summary>
    public string Oid { get; } = Guid.NewGuid().ToString();

    private string Queue => Oid + ControlMessage.ReplyQueueSuffix;

    private string Binding => keys.Binding(ControlMessage.ReplyExchangeName);

    private string Member => $"{Oid}\u0006\u0016\u0006\u0016{Queue}";

    /// <summary>Binds the list where that is not done yet, then sends. Requests are sent in the order of these calls.</summary>
    public async ValueTask OpenAsync(string ticket, ControlReplies replies, Func<ValueTask> send, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_end is null)
            {
                await client.SendAsync(new RespCommand("SADD", idempotent: true).Add(Binding).Add(Member), cancellationToken);
                _end = new CancellationTokenSource();
                _reading = ReadAsync(_end.Token);
            }

            _waiting[ticket] = replies;
            await send();
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask CloseAsync(string ticket)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            _waiting.TryRemove(ticket, out _);
            if (_end is null || !_waiting.IsEmpty)
                return;
            await _end.CancelAsync();
            await _reading;
            _end.Dispose();
            _end = null;
            await client.SendAsync(new RespCommand("SREM", idempotent: true).Add(Binding).Add(Member), CancellationToken.None);
            await client.SendAsync(new RespCommand("DEL", idempotent: true).Add(keys.Global + Queue), CancellationToken.None);
        }
        catch (EssaimException error)
        {
            LogNotRemoved(Oid, error.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends reading. Calls that still wait get no more replies.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_end is { } end)
        {
            await end.CancelAsync();
            await _reading;
            end.Dispose();
        }

        _gate.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    RespReply reply = await client.SendBlockingAsync(
                        new RespCommand("BRPOP").Add(keys.Global + Queue).Add((long)Turn.TotalSeconds), Turn, cancellationToken);
                    if (!reply.IsNull)
                        Dispatch(reply);
                }
                catch (EssaimException error)
                {
                    LogNotRead(error.Message);
                    await Task.Delay(AfterTrouble, time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody waits for replies any more.
            return;
        }
    }

    private void Dispatch(in RespReply reply)
    {
        RespReader reader = reply.Read();
        reader.ReadArray();
        reader.Skip();
        if (reader.ReadBytes() is not { } envelope || ControlMessage.TryReadReply(envelope) is not { } read)
            return;
        // A reply without ticket is for whoever waits; one to a call that is over is for nobody.
        IEnumerable<ControlReplies> callers = read.Ticket is not { } ticket ? _waiting.Values
            : _waiting.TryGetValue(ticket, out ControlReplies? caller) ? [caller] : [];
        foreach (ControlReplies replies in callers)
            read.Replies.ForEach(replies.Add);
    }

    [LoggerMessage(2260, LogLevel.Warning, "Replies to control requests could not be read and are tried again: {Reason}")]
    private partial void LogNotRead(string reason);

    [LoggerMessage(2261, LogLevel.Warning, "The reply list of control client {Oid} could not be removed: {Reason}")]
    private partial void LogNotRemoved(string oid, string reason);
}
