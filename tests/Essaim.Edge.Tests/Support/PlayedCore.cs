using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;

namespace Essaim.Edge.Tests;

/// <summary>The core as a slot sees it: keeps votes by the rules of <see cref="VoteLedger"/> over its own ends, and answers.</summary>
internal sealed class PlayedCore : IMqttListener, IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static int s_boots;
    private readonly Channel<MqttMessage> _heard = Channel.CreateUnbounded<MqttMessage>();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _boot = $"{Interlocked.Increment(ref s_boots):x8}";
    private readonly MqttClient _client;
    private readonly VoteLedger _ledger;
    private readonly ConcurrentQueue<string> _taken;
    private readonly Task _running;

    private PlayedCore(MqttOptions options, VoteLedger ledger, ConcurrentQueue<string> taken)
    {
        (_ledger, _taken) = (ledger, taken);
        _client = new MqttClient(
            options with { ClientId = "core", Will = () => new MqttWill(EdgeTopics.CoreState, EdgeJson.Write(State(DeviceState.Offline), EdgeJson.Default.CoreState)) },
            this, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        _running = _client.RunAsync(_stop.Token);
    }

    /// <summary>Answers are given; otherwise votes are taken and the slot is not told.</summary>
    public bool Answers { get; set; } = true;

    /// <summary>Changes an answer before it is given.</summary>
    public Func<VoteAck, VoteAck> OnAnswer { get; set; } = static ack => ack;

    /// <param name="options">The broker.</param>
    /// <param name="ledger">What it has committed.</param>
    /// <param name="taken">Choices of votes as they were taken for the first time.</param>
    public static async Task<PlayedCore> StartAsync(MqttOptions options, VoteLedger ledger, ConcurrentQueue<string>? taken = null)
    {
        PlayedCore core = new(options, ledger, taken ?? []);
        await core._connected.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        return core;
    }

    /// <summary>Waits for a message of a slot that is as wanted, and forgets those before it.</summary>
    public async Task<T> HearAsync<T>(string word, JsonTypeInfo<T> type, Func<T, bool>? isWanted = null)
        where T : class, IEdgeMessage
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        while (true)
        {
            MqttMessage message = await _heard.Reader.ReadAsync(patience.Token);
            if (EdgeTopics.TryReadUp(message.Topic, out _, out string said) && said == word
                && EdgeJson.TryRead(message.Payload.Span, type, out T? read) && (isWanted is null || isWanted(read)))
                return read;
        }
    }

    public async Task OpenRoundAsync(string id, int expected)
    {
        lock (_ledger)
            _ledger.Open(id, expected);
        await TellRoundAsync();
    }

    public async Task TellAsync<T>(string topic, T message, JsonTypeInfo<T> type, bool retain = false)
        where T : class, IEdgeMessage =>
        await _client.PublishAsync(topic, EdgeJson.Write(message, type), MqttQos.AtLeastOnce, retain, null, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    async ValueTask IMqttListener.ConnectedAsync(MqttConnected connected, CancellationToken cancellationToken)
    {
        await TellAsync(EdgeTopics.CoreState, State(DeviceState.Online), EdgeJson.Default.CoreState, true);
        await _client.SubscribeAsync([new MqttSubscription(EdgeTopics.EverySlotUp)], cancellationToken);
        await TellRoundAsync();
        _connected.TrySetResult();
    }

    ValueTask IMqttListener.DisconnectedAsync(MqttEnd end, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    async ValueTask IMqttListener.ReceivedAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        _heard.Writer.TryWrite(message);
        if (!EdgeTopics.TryReadUp(message.Topic, out string slot, out string word) || word != "event"
            || !EdgeJson.TryRead(message.Payload.Span, EdgeJson.Default.SlotEvent, out SlotEvent? vote))
            return;
        VoteAck ack;
        RoundNotice? before, after;
        lock (_ledger)
        {
            before = _ledger.Current?.Notice;
            bool isNew = !_ledger.Knows(slot, vote);
            VoteVerdict verdict = _ledger.Take(slot, vote);
            if (isNew)
                _taken.Enqueue(vote.Choice + "@" + vote.Monotonic);
            ack = new VoteAck { Epoch = vote.Epoch, Sequences = [vote.Sequence], Verdicts = [verdict], Highest = _ledger.Highest(slot, vote.Epoch) };
            after = _ledger.Current?.Notice;
        }

        if (!Answers)
            return;
        await TellAsync(EdgeTopics.Down(slot, "ack"), OnAnswer(ack), EdgeJson.Default.VoteAck);
        if (before != after)
            await TellRoundAsync();
    }

    private async Task TellRoundAsync()
    {
        RoundNotice notice;
        lock (_ledger)
            notice = _ledger.Current?.Notice ?? new RoundNotice { State = RoundState.Idle };
        await TellAsync(EdgeTopics.CurrentRound, notice, EdgeJson.Default.RoundNotice, true);
    }

    private CoreState State(string state) => new() { State = state, Boot = _boot };
}
