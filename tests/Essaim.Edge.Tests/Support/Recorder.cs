using System.Text;
using System.Threading.Channels;

namespace Essaim.Edge.Tests;

/// <summary>Writes down what a client is told, for tests to wait for.</summary>
internal sealed class Recorder : IMqttListener
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly Channel<MqttConnected> _connections = Channel.CreateUnbounded<MqttConnected>();
    private readonly Channel<MqttEnd> _ends = Channel.CreateUnbounded<MqttEnd>();
    private readonly Channel<MqttMessage> _messages = Channel.CreateUnbounded<MqttMessage>();

    /// <summary>What is to be done on a connection before it counts.</summary>
    public Func<CancellationToken, ValueTask> OnConnected { get; set; } = static _ => ValueTask.CompletedTask;

    public Func<MqttMessage, ValueTask> OnMessage { get; set; } = static _ => ValueTask.CompletedTask;

    public Task<MqttConnected> ConnectedAsync() => NextAsync(_connections);

    public Task<MqttEnd> EndAsync() => NextAsync(_ends);

    /// <summary>An end was told that nobody has waited for.</summary>
    public bool HasEnd => _ends.Reader.TryPeek(out _);

    public Task<MqttMessage> MessageAsync() => NextAsync(_messages);

    /// <summary>A message as topic and text.</summary>
    public async Task<string> LineAsync()
    {
        MqttMessage message = await MessageAsync();
        return $"{message.Topic} {Encoding.UTF8.GetString(message.Payload.Span)}";
    }

    async ValueTask IMqttListener.ConnectedAsync(MqttConnected connected, CancellationToken cancellationToken)
    {
        await OnConnected(cancellationToken);
        _connections.Writer.TryWrite(connected);
    }

    ValueTask IMqttListener.DisconnectedAsync(MqttEnd end, CancellationToken cancellationToken)
    {
        _ends.Writer.TryWrite(end);
        return ValueTask.CompletedTask;
    }

    async ValueTask IMqttListener.ReceivedAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        _messages.Writer.TryWrite(message);
        await OnMessage(message);
    }

    private static Task<T> NextAsync<T>(Channel<T> channel) => channel.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience);
}

/// <summary>A client that runs until it is disposed of.</summary>
internal sealed class RunningClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RunningClient(MqttOptions options, Recorder? recorder = null, TimeProvider? time = null)
    {
        Told = recorder ?? new Recorder();
        Client = new MqttClient(options, Told, time ?? TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, new Random(7));
        _running = Client.RunAsync(_stop.Token);
    }

    public MqttClient Client { get; }

    public Recorder Told { get; }

    public static async Task<RunningClient> ConnectAsync(MqttOptions options, Recorder? recorder = null)
    {
        RunningClient running = new(options, recorder);
        await running.Told.ConnectedAsync();
        return running;
    }

    public ValueTask<MqttReason> PublishAsync(string topic, string text, MqttQos qos = MqttQos.AtLeastOnce, bool retain = false, MqttProperties? properties = null) =>
        Client.PublishAsync(topic, Encoding.UTF8.GetBytes(text), qos, retain, properties, TestContext.Current.CancellationToken);

    public async Task<IReadOnlyList<MqttReason>> SubscribeAsync(params string[] filters) =>
        await Client.SubscribeAsync([.. filters.Select(filter => new MqttSubscription(filter))], TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
