using Microsoft.Extensions.Logging;

namespace Essaim.Redis;

/// <summary>What came on a channel, in memory of its own.</summary>
/// <param name="Channel">Where.</param>
/// <param name="Payload">What.</param>
internal readonly record struct RedisMessage(string Channel, ReadOnlyMemory<byte> Payload);

/// <summary>
/// The connection that listens. Who listens to what outlives it: after a loss everything is subscribed to again, and those who listen are told
/// that they may have missed something. Safe on all threads.
/// </summary>
internal sealed partial class RedisSubscriber
{
    private static readonly TimeSpan PingPeriod = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(45);
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Name, bool Pattern), Topic> _topics = [];
    private readonly RedisOpener _opener;
    private readonly RedisUrl _url;
    private readonly ILogger _logger;
    private readonly CancellationToken _closing;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Topics of the commands under way, in their order, null for what subscribes to nothing: each is answered once, whatever comes in between.
    private readonly Queue<Topic?> _asked = new();
    private RedisConnection? _connection;

    public RedisSubscriber(RedisOpener opener, RedisUrl url, ILogger logger, CancellationToken closing)
    {
        (_opener, _url, _logger, _closing) = (opener, url, logger, closing);
        Ended = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Ends after the client was closed.</summary>
    public Task Ended { get; }

    /// <summary>Waits for the first connection, as long as a command may take.</summary>
    public async ValueTask StartedAsync(CancellationToken cancellationToken) => await WaitAsync(_started.Task, "SUBSCRIBE", cancellationToken);

    /// <summary>Listens; returns once Redis has confirmed it. Disposing what is returned ends it.</summary>
    /// <param name="channel">Channel, or pattern.</param>
    /// <param name="pattern">True: <paramref name="channel"/> is a pattern.</param>
    /// <param name="onMessage">Called on the reading thread; must be quick.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="onResubscribed">Called when the connection had been lost: messages may have been missed.</param>
    public async ValueTask<IAsyncDisposable> SubscribeAsync(
        string channel, bool pattern, Action<RedisMessage> onMessage, CancellationToken cancellationToken, Action? onResubscribed = null)
    {
        Listener listener = new(this, (channel, pattern), onMessage, onResubscribed);
        Topic? topic;
        lock (_gate)
        {
            if (!_topics.TryGetValue(listener.Key, out topic))
            {
                _topics.Add(listener.Key, topic = new Topic());
                Send(_connection, pattern ? "PSUBSCRIBE" : "SUBSCRIBE", channel, topic);
            }

            topic.Listeners = [.. topic.Listeners, listener];
        }

        try
        {
            await WaitAsync(topic.Confirmed.Task, "SUBSCRIBE", cancellationToken);
            return listener;
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    private async ValueTask WaitAsync(Task task, string what, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(_url.CommandTimeout, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new RedisConnectionException(
                $"{what} was not confirmed within {_url.CommandTimeout.TotalSeconds:0.#} s: there is no connection to Redis at {_url.Display}.", false, null);
        }
    }

    private async Task RunAsync()
    {
        for (int failures = 0; !_closing.IsCancellationRequested;)
        {
            try
            {
                await using RedisConnection connection = await _opener.OpenAsync(_closing, OnPush);
                failures = 0;
                Resume(connection);
                _started.TrySetResult();
                await ListenAsync(connection);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                if (failures++ == 0)
                    LogLost(error.Message);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            lock (_gate)
                _connection = null;
            await Task.Delay(RedisClient.Pause(Math.Max(1, failures)), TimeProvider.System, _closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _started.TrySetException(new ObjectDisposedException(nameof(RedisClient)));
    }

    private async Task ListenAsync(RedisConnection connection)
    {
        while (!_closing.IsCancellationRequested)
        {
            Task tick = Rhythm.DelayAsync(PingPeriod, TimeProvider.System, _closing);
            if (await Task.WhenAny(connection.Reading, tick) == connection.Reading)
                return;
            if (TimeProvider.System.GetElapsedTime(connection.HeardAt) > DeadAfter)
                return;
            lock (_gate)
            {
                if (!_closing.IsCancellationRequested)
                    Send(connection, "PING", null, null);
            }
        }
    }

    private void Resume(RedisConnection connection)
    {
        lock (_gate)
        {
            _connection = connection;
            _asked.Clear();
            foreach (((string name, bool pattern), Topic topic) in _topics)
            {
                // Those who wait for a first confirmation get this one; the others are told when it comes.
                topic.IsResumed = topic.Confirmed.Task.IsCompleted;
                Send(connection, pattern ? "PSUBSCRIBE" : "SUBSCRIBE", name, topic);
            }
        }
    }

    private void OnPush(RespReply reply)
    {
        if (reply.Kind is not (RespKind.Array or RespKind.Push))
        {
            Answer(reply.Kind is RespKind.Error or RespKind.BulkError ? reply.AsText() : null);
            return;
        }

        RespReader reader = reply.Read();
        int count = reader.ReadArray();
        switch (count > 0 ? reader.ReadText() : null)
        {
            case "message":
                string channel = reader.ReadText()!;
                Deliver((channel, false), new RedisMessage(channel, reader.ReadBytes() ?? default));
                break;
            case "pmessage":
                string pattern = reader.ReadText()!;
                Deliver((pattern, true), new RedisMessage(reader.ReadText()!, reader.ReadBytes() ?? default));
                break;
            case "subscribe" or "psubscribe" or "unsubscribe" or "punsubscribe" or "pong":
                Answer(null);
                break;
        }
    }

    private void Deliver((string, bool) key, RedisMessage message)
    {
        Listener[] listeners;
        lock (_gate)
            listeners = _topics.TryGetValue(key, out Topic? topic) ? topic.Listeners : [];
        foreach (Listener listener in listeners)
        {
            try
            {
                listener.OnMessage(message);
            }
            catch (Exception error)
            {
                // The fault of one listener must not cost the others the connection, and what comes on it.
                LogListenerFailed(message.Channel, error);
            }
        }
    }

    /// <summary>The answer to the oldest command under way.</summary>
    private void Answer(string? refusal)
    {
        Listener[] listeners = [];
        lock (_gate)
        {
            if (!_asked.TryDequeue(out Topic? topic) || topic is null)
                return;
            if (refusal is not null)
            {
                LogRefused(refusal);
                topic.Confirmed.TrySetException(new RedisReplyException("SUBSCRIBE", refusal));
                return;
            }

            topic.Confirmed.TrySetResult();
            if (topic.IsResumed)
                listeners = topic.Listeners;
            topic.IsResumed = false;
        }

        foreach (Listener listener in listeners)
            listener.OnResubscribed?.Invoke();
    }

    private void End(Listener listener)
    {
        lock (_gate)
        {
            if (!_topics.TryGetValue(listener.Key, out Topic? topic))
                return;
            topic.Listeners = [.. topic.Listeners.Where(other => other != listener)];
            if (topic.Listeners.Length > 0)
                return;
            _topics.Remove(listener.Key);
            Send(_connection, listener.Key.Pattern ? "PUNSUBSCRIBE" : "UNSUBSCRIBE", listener.Key.Name, null);
        }
    }

    /// <summary>Under the gate. Where the connection is gone nothing is sent: the next one subscribes to all there is then.</summary>
    private void Send(RedisConnection? connection, string name, string? argument, Topic? topic)
    {
        if (connection is not { IsOpen: true })
            return;
        using RespCommand command = new(name);
        if (argument is not null)
            command.Add(argument);
        try
        {
            // First, so that the answer finds it.
            _asked.Enqueue(topic);
            connection.Post(command.Encode().Span);
        }
        catch (ConnectionLostException)
        {
            // As above.
        }
    }

    [LoggerMessage(2103, LogLevel.Warning, "The connection that listens to Redis is lost, trying until there is another: {Reason}")]
    private partial void LogLost(string reason);

    [LoggerMessage(2104, LogLevel.Warning, "Redis refused a subscription: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(2105, LogLevel.Error, "What listens to the channel {Channel} failed on a message")]
    private partial void LogListenerFailed(string channel, Exception error);

    private sealed class Topic
    {
        public Listener[] Listeners { get; set; } = [];

        public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsResumed { get; set; }
    }

    private sealed class Listener(RedisSubscriber owner, (string Name, bool Pattern) key, Action<RedisMessage> onMessage, Action? onResubscribed) : IAsyncDisposable
    {
        public (string Name, bool Pattern) Key => key;

        public Action<RedisMessage> OnMessage => onMessage;

        public Action? OnResubscribed => onResubscribed;

        public ValueTask DisposeAsync()
        {
            owner.End(this);
            return ValueTask.CompletedTask;
        }
    }
}
