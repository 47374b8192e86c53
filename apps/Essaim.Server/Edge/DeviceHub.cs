using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Essaim.Edge;
using Essaim.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>The core on the broker of devices: hears them, answers votes, tells of rounds, configurations and commands.</summary>
internal sealed partial class DeviceHub : BackgroundService, IMqttListener
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_commandLife = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly EdgeOptions _options;
    private readonly BrokerFiles _files;
    private readonly IMetadataStore _store;
    private readonly DeviceBoard _board;
    private readonly VoteTaker _votes;
    private readonly TimeProvider _time;
    private readonly ILogger<DeviceHub> _logger;
    private readonly string _boot = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4));
    private readonly SemaphoreSlim _telling = new(1);
    private MqttClient? _client;
    private long _garbage;

    public DeviceHub(EdgeOptions options, BrokerFiles files, IMetadataStore store, DeviceBoard board, VoteTaker votes, TimeProvider time, ILogger<DeviceHub> logger)
    {
        (_options, _files, _store, _board, _votes, _time, _logger) = (options, files, store, board, votes, time, logger);
        votes.OnAnswer = (slot, ack, cancellationToken) => TellAsync(EdgeTopics.Down(slot, "ack"), ack, EdgeJson.Default.VoteAck, false, null, cancellationToken);
        votes.OnRound = TellRoundAsync;
    }

    /// <summary>Reads the registry anew: a device was added or revoked.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        _board.SetRegistered((await _store.Edge.ListDevicesAsync(cancellationToken)).Select(device => device.Id));
        await _files.WriteAsync(cancellationToken);
    }

    /// <summary>Tells everybody of the current round, as the store has it: of two who tell at once, the later one must not tell the older.</summary>
    public async Task TellRoundAsync(CancellationToken cancellationToken)
    {
        await _telling.WaitAsync(cancellationToken);
        try
        {
            RoundNotice notice = await _store.Edge.CurrentRoundAsync(cancellationToken) is { } round ? Notice(round) : new RoundNotice { State = RoundState.Idle };
            await TellAsync(EdgeTopics.CurrentRound, notice, EdgeJson.Default.RoundNotice, true, null, cancellationToken);
        }
        finally
        {
            _telling.Release();
        }

        _board.Changed();
    }

    public override void Dispose()
    {
        _telling.Dispose();
        base.Dispose();
    }

    /// <summary>Tells a device how to be.</summary>
    public async Task TellAsync(DeviceRecord device, CancellationToken cancellationToken)
    {
        if (device.ConfigVersion == 0)
            return;
        using JsonDocument config = JsonDocument.Parse(device.Config);
        DesiredConfiguration desired = new() { Number = device.ConfigVersion, Config = config.RootElement.Clone() };
        await TellAsync(EdgeTopics.Down(device.Id, "config"), desired, EdgeJson.Default.DesiredConfiguration, true, null, cancellationToken);
    }

    /// <summary>Gives a device a command; false where the broker cannot be reached.</summary>
    public async Task<bool> CommandAsync(string device, SlotCommand command, CancellationToken cancellationToken) =>
        await TellAsync(
            EdgeTopics.Down(device, "cmd"), command, EdgeJson.Default.SlotCommand, false, new MqttProperties { MessageExpiry = (uint)s_commandLife.TotalSeconds }, cancellationToken);

    /// <summary>A command as of now.</summary>
    public SlotCommand NewCommand(string name) => new() { Id = Guid.NewGuid().ToString(), Name = name, Until = _time.GetUtcNow() + s_commandLife };

    /// <exception cref="ServerException"><c>ESS5007</c>: the broker's files cannot be written.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RefreshAsync(cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ServerException(
                "ESS5007", $"The folder of the broker's password file and access list, '{_files.Folder}', cannot be written to: {error.Message} Check who owns it, or name another.", error);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _client = new MqttClient(
            new MqttOptions
            {
                Host = _options.Host,
                Port = _options.Port,
                ClientId = MosquittoFiles.CoreUser,
                UserName = MosquittoFiles.CoreUser,
                Password = _files.Password(),
                Tls = _options.AuthorityFile is { } file ? new MqttTls(file) : null,
                Will = () => new MqttWill(EdgeTopics.CoreState, EdgeJson.Write(State(DeviceState.Offline), EdgeJson.Default.CoreState)),
            },
            this, _time, _logger);
        using CancellationTokenSource goodBye = new();
        Task connection = _client.RunAsync(goodBye.Token);
        using PeriodicTimer ticks = new(s_tick, _time);
        try
        {
            while (await ticks.WaitForNextTickAsync(stoppingToken))
                _board.Tick();
        }
        catch (OperationCanceledException)
        {
            // The core stops.
        }

        await TellAsync(EdgeTopics.CoreState, State(DeviceState.Offline), EdgeJson.Default.CoreState, true, null, CancellationToken.None);
        await goodBye.CancelAsync();
        await connection;
    }

    async ValueTask IMqttListener.ConnectedAsync(MqttConnected connected, CancellationToken cancellationToken)
    {
        _board.SetLink(null);
        MqttReason reason = (await _client!.SubscribeAsync([new MqttSubscription(EdgeTopics.EverySlotUp)], cancellationToken))[0];
        if (reason.IsRefusal())
            throw MqttException.SubscriptionRefused(_client.Address, EdgeTopics.EverySlotUp, reason);
        await TellRoundAsync(cancellationToken);
        foreach (DeviceRecord device in await _store.Edge.ListDevicesAsync(cancellationToken))
            await TellAsync(device, cancellationToken);
        // Last: a slot that hears it sends its votes.
        await TellAsync(EdgeTopics.CoreState, State(DeviceState.Online), EdgeJson.Default.CoreState, true, null, cancellationToken);
    }

    ValueTask IMqttListener.DisconnectedAsync(MqttEnd end, CancellationToken cancellationToken)
    {
        _board.SetLink(end.Error.Message);
        // Refused: the broker may have started before its files were written, and not have heard of them.
        return end.Error.Code == "ESS6102" ? new ValueTask(_files.WriteAsync(cancellationToken)) : ValueTask.CompletedTask;
    }

    async ValueTask IMqttListener.ReceivedAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        // Patterns of the access list hold for every user: who is not registered is not heard.
        if (!EdgeTopics.TryReadUp(message.Topic, out string slot, out string word) || !_board.IsRegistered(slot))
            return;
        ReadOnlySpan<byte> payload = message.Payload.Span;
        if (word == "state" && EdgeJson.TryRead(payload, EdgeJson.Default.DeviceState, out DeviceState? state))
            _board.Hear(slot, state, message.Retain);
        else if (word == "hb" && EdgeJson.TryRead(payload, EdgeJson.Default.SlotHeartbeat, out SlotHeartbeat? heartbeat))
            _board.Hear(slot, heartbeat);
        else if (word == "event" && EdgeJson.TryRead(payload, EdgeJson.Default.SlotEvent, out SlotEvent? vote) && IsUsable(vote))
            Take(slot, vote);
        else if (word == "config" && EdgeJson.TryRead(payload, EdgeJson.Default.ReportedConfiguration, out ReportedConfiguration? report))
            await _store.Edge.ReportConfigAsync(slot, report.Number, report.Status, report.Error, cancellationToken);
        else if (word is not ("input" or "reply" or "check"))
            LogGarbage(message.Topic, Interlocked.Increment(ref _garbage));
        if (word != "state" && word != "hb" && !message.Retain)
            _board.HearAny(slot);
    }

    private void Take(string slot, SlotEvent vote) => _votes.Add(slot, vote);

    /// <summary>Bounds what a device may have kept for ever.</summary>
    private static bool IsUsable(SlotEvent vote) =>
        vote.Kind == SlotEvent.Vote && vote.Sequence > 0 && vote.Epoch.Length is > 0 and <= 64 && vote.Choice.Length is > 0 and <= 64
        && vote.Input is not { Length: > 64 } && vote.At is not { Length: > 64 } && vote.Round is not { Length: > 20 };

    private async Task<bool> TellAsync<T>(string topic, T message, JsonTypeInfo<T> type, bool retain, MqttProperties? properties, CancellationToken cancellationToken)
        where T : class, IEdgeMessage
    {
        if (_client is not { IsConnected: true } client)
            return false;
        try
        {
            using CancellationTokenSource patience = new(s_patience, _time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            MqttReason reason = await client.PublishAsync(topic, EdgeJson.Write(message, type), MqttQos.AtLeastOnce, retain, properties, either.Token);
            if (reason.IsRefusal())
                LogRefused(topic, reason.InWords());
            return !reason.IsRefusal();
        }
        catch (Exception error) when (error is MqttException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Said again at the next connection; a vote's answer, when the vote comes again.
            return false;
        }
    }

    private static RoundNotice Notice(RoundRecord round) => new()
    {
        Round = round.Id.ToString(CultureInfo.InvariantCulture),
        Revision = round.Revision,
        State = round.State switch
        {
            "open" => RoundState.Open,
            "closed" => RoundState.Closed,
            _ => RoundState.Void,
        },
        Expected = round.Expected,
        Votes = round.Votes,
    };

    private CoreState State(string state) => new() { State = state, Boot = _boot };

    [LoggerMessage(5302, LogLevel.Warning, "A message on {Topic} is none of this version; {Count} such so far.")]
    private partial void LogGarbage(string topic, long count);

    [LoggerMessage(5303, LogLevel.Error, "The broker refused a message on {Topic}: {Reason}. Its access list must let the core publish there.")]
    private partial void LogRefused(string topic, string reason);
}
