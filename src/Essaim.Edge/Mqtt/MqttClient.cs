using Microsoft.Extensions.Logging;

namespace Essaim.Edge;

/// <summary>
/// A connection to a broker that is made anew for ever: whatever ends it, wrong credentials too, the next attempt follows by itself. MQTT 5,
/// and 3.1.1 with a broker that knows no other. Safe on all threads.
/// </summary>
internal sealed partial class MqttClient(MqttOptions options, IMqttListener listener, TimeProvider time, ILogger logger, Random? random = null) : IMqttClient
{
    private const int SilentClosesBelieved = 3;
    private static readonly TimeSpan s_longestTurn = TimeSpan.FromSeconds(5);
    private readonly MqttBackoff _backoff = new(random ?? Random.Shared);
    private volatile MqttConnection? _connection;
    private volatile MqttReceiver? _receiver;
    private MqttVersion _version = MqttVersion.V5;
    private int _silentCloses;
    private string _lastTold = "";
    private long _dropped;
    private long _handlerFaults;

    /// <summary>The broker, for texts.</summary>
    public string Address => options.Address;

    public bool IsConnected => _connection is { Ended.IsCompleted: false };

    /// <summary>QoS 0 messages, out and in, that found a buffer full.</summary>
    public long Dropped => Volatile.Read(ref _dropped) + (_connection?.Dropped ?? 0) + (_receiver?.Dropped ?? 0);

    /// <summary>Messages whose handler threw.</summary>
    public long HandlerFaults => Volatile.Read(ref _handlerFaults);

    /// <summary>Keeps a connection until told to stop, then says good-bye. To be called once.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            long began = time.GetTimestamp();
            (bool wasConnected, MqttException error) = await ServeAsync(stop);
            if (stop.IsCancellationRequested)
                return;
            TimeSpan wait = _backoff.Next(error.Reason, wasConnected ? time.GetElapsedTime(began) : TimeSpan.Zero);
            if (ChooseVersion(wasConnected, error))
                wait = TimeSpan.Zero;
            await TellAsync(new MqttEnd(wasConnected, error.Reason, error, wait), stop);
            await WaitAsync(wait, stop);
        }
    }

    public ValueTask<MqttReason> PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, MqttProperties? properties, CancellationToken cancellationToken)
    {
        if (topic.Length is 0 or > 16_000 || topic.AsSpan().ContainsAny('+', '#', '\0'))
            throw new ArgumentException($"'{topic}' is no topic to publish to: it is empty, too long, or has +, # or a zero in it.", nameof(topic));
        return (_connection ?? throw MqttException.NotConnected(options.Address)).PublishAsync(topic, payload, qos, retain, properties, cancellationToken);
    }

    public ValueTask<IReadOnlyList<MqttReason>> SubscribeAsync(IReadOnlyList<MqttSubscription> subscriptions, CancellationToken cancellationToken) =>
        (_connection ?? throw MqttException.NotConnected(options.Address)).SubscribeAsync(subscriptions, cancellationToken);

    private async Task WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        while (wait > TimeSpan.Zero && !stop.IsCancellationRequested)
        {
            options.OnTurn();
            TimeSpan part = wait < s_longestTurn ? wait : s_longestTurn;
            await Task.Delay(part, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait -= part;
        }
    }

    private async Task<(bool WasConnected, MqttException Error)> ServeAsync(CancellationToken stop)
    {
        MqttReceiver receiver = new(options, message => listener.ReceivedAsync(message, stop), Tell);
        MqttConnection connection;
        try
        {
            connection = await MqttConnection.OpenAsync(options, _version, receiver, time, stop);
        }
        catch (MqttException error)
        {
            return (false, error);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return (false, MqttException.NotConnected(options.Address));
        }

        _lastTold = "";
        LogConnected(options.Address, options.ClientId, connection.Connected.Version == MqttVersion.V5 ? "5.0" : "3.1.1");
        (_connection, _receiver) = (connection, receiver);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task greeting = GreetAsync(connection, ending.Token);
        await using (stop.UnsafeRegister(static state => _ = ((MqttConnection)state!).CloseAsync(), connection))
        {
            MqttException error = await connection.Ended;
            await ending.CancelAsync();
            await greeting;
            await connection.DisposeAsync();
            (_connection, _receiver) = (null, null);
            Interlocked.Add(ref _dropped, connection.Dropped + receiver.Dropped);
            return (true, error);
        }
    }

    private async Task GreetAsync(MqttConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await listener.ConnectedAsync(connection.Connected, cancellationToken);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            if (cancellationToken.IsCancellationRequested)
                return;
            connection.End(error as MqttException ?? MqttException.Lost(options.Address, $"what follows a connection failed: {error.Message}", MqttReason.UnspecifiedError, error));
        }
    }

    /// <summary>Which version comes next; true where it is to be tried at once.</summary>
    private bool ChooseVersion(bool wasConnected, MqttException error)
    {
        // Some brokers that do not know version 5 say so, others just close. So does a broker that is being killed: that is believed the third time.
        _silentCloses = !wasConnected && error.InnerException is EndOfStreamException ? _silentCloses + 1 : 0;
        bool isOld = !wasConnected && (error.Reason == MqttReason.UnsupportedProtocolVersion || _silentCloses >= SilentClosesBelieved);
        // After 3.1.1 comes 5 again: the broker may have been updated.
        _version = isOld && _version == MqttVersion.V5 ? MqttVersion.V311 : MqttVersion.V5;
        return _version == MqttVersion.V311;
    }

    private async Task TellAsync(MqttEnd end, CancellationToken stop)
    {
        if (_lastTold != end.Error.Message)
            LogEnded(end.Error.Code, end.Error.Message);
        _lastTold = end.Error.Message;
        try
        {
            await listener.DisconnectedAsync(end, stop);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            LogListenerFault(error);
        }
    }

    private void Tell(MqttMessage message, Exception error)
    {
        Interlocked.Increment(ref _handlerFaults);
        LogHandlerFault(message.Topic, error);
    }

    [LoggerMessage(6000, LogLevel.Information, "Connected to the MQTT broker at {Address} as '{ClientId}', version {Version}.")]
    private partial void LogConnected(string address, string clientId, string version);

    [LoggerMessage(6001, LogLevel.Warning, "{Code}: {Text}")]
    private partial void LogEnded(string code, string text);

    [LoggerMessage(6002, LogLevel.Error, "A message on {Topic} could not be handled.")]
    private partial void LogHandlerFault(string topic, Exception error);

    [LoggerMessage(6003, LogLevel.Error, "What is told of lost connections could not be handled.")]
    private partial void LogListenerFault(Exception error);
}
