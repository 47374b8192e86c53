using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Essaim.Edge;

/// <summary>
/// A slot: presses become votes on its disk, then light, then messages, again and again until the core has answered. Safe on all threads.
/// </summary>
internal sealed partial class SlotAgent : IDisposable
{
    /// <summary>Loops a watchdog watches.</summary>
    public const string MqttLoop = "mqtt";
    public const string SenderLoop = "sender";
    public const string GpioLoop = "gpio";

    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly SlotOptions _options;
    private readonly IGpio _gpio;
    private readonly ISlotMachine _machine;
    private readonly Watchdog _watchdog;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MqttClient _client;
    private readonly SlotJournal _journal;
    private readonly SlotFiles _files;
    private readonly SlotLights _lights;
    private readonly Outbox _outbox;
    private readonly RoundView _rounds = new();
    private readonly RecentVotes _recent = new();
    private readonly ConfigurationState _configuration;
    private readonly CommandLog _commands;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _restart = new();
    private readonly string _boot;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SlotConfig _config;
    private CoreState? _core;
    private string? _linkError;
    private string? _fault;
    private bool _isLinked;
    private long _linkSince;
    private long? _roundAt;
    private int _session;
    private long _heartbeats;
    private int _garbage;
    private bool _inputsChanged;
    private bool _isReady;

    /// <param name="options">What it is.</param>
    /// <param name="gpio">Its buttons and lights; not disposed of.</param>
    /// <param name="machine">Its machine.</param>
    /// <param name="watchdog">Is told when its loops turn.</param>
    /// <param name="disk">Its disk.</param>
    /// <param name="time">Its clocks.</param>
    /// <param name="logger">Its log.</param>
    /// <param name="random">Names of boots and epochs, and jitter.</param>
    /// <exception cref="EdgeException"><c>ESS6120</c>: the journal.</exception>
    public SlotAgent(SlotOptions options, IGpio gpio, ISlotMachine machine, Watchdog watchdog, IJournalDisk disk, TimeProvider time, ILogger logger, Random random)
    {
        (_options, _gpio, _machine, _watchdog, _time, _logger) = (options, gpio, machine, watchdog, time, logger);
        _boot = Hex(random, 4);
        _linkSince = time.GetTimestamp();
        _lights = new SlotLights(gpio, time);
        _outbox = new Outbox(time);
        _files = new SlotFiles(options.DataFolder, disk);
        StoredConfig stored = _files.ReadConfig();
        _config = stored.Config;
        _configuration = new ConfigurationState(stored.Number, Apply);
        _commands = new CommandLog(time, _files.ReadCommands(), _files.WriteCommands);
        _journal = SlotJournal.OpenOrCreate(_files.Journal, disk, () => Hex(random, 6));
        if (_journal.DamagedCopy is { } copy)
            LogDamaged(copy);
        foreach (StoredVote vote in _journal.Open)
        {
            _outbox.Add(vote);
            _recent.Add(vote);
        }

        _client = new MqttClient(
            options.Broker with { ClientId = options.SlotId, Will = NextWill, OnTurn = () => watchdog.Turn(MqttLoop) }, this, time, logger, random);
    }

    /// <summary>Runs until told to stop, by the token or by the core's command; then says good-bye.</summary>
    /// <returns>True where it wants to be started again.</returns>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, _restart.Token);
        using CancellationTokenSource goodBye = new();
        Task connection = _client.RunAsync(goodBye.Token);
        Task buttons = ReadButtonsAsync(either.Token);
        Task[] loops = [buttons, SendAsync(either.Token), BeatAsync(either.Token)];
        try
        {
            // A loop that ends by itself has failed; the others must not hide it.
            await await Task.WhenAny(loops);
            either.Token.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            await either.CancelAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await SayGoodByeAsync();
            await goodBye.CancelAsync();
            await connection;
        }

        return _restart.IsCancellationRequested;
    }

    /// <summary>A button was pressed, or the screen touched. When this says accepted, the vote is on the disk.</summary>
    public PressOutcome Press(string choice, string? input = null)
    {
        if (!_options.Choices.Contains(choice))
            return PressOutcome.Unknown;
        string? round;
        lock (_gate)
            round = _rounds.OpenRound;
        StoredVote? vote;
        try
        {
            vote = _journal.Accept(new Press(choice, Now(), Monotonic(), _machine.Boot, _machine.IsClockSynchronised, input, round));
        }
        catch (EdgeException error)
        {
            Refuse(error.Message);
            return PressOutcome.Failed;
        }

        if (vote is null)
        {
            Refuse($"{SlotJournal.MostOpen} votes wait for the core.");
            return PressOutcome.Full;
        }

        lock (_gate)
        {
            _fault = null;
            _outbox.Add(vote);
            _recent.Add(vote);
        }

        _lights.ShowAccepted();
        Wake();
        return PressOutcome.Accepted;
    }

    /// <summary>What it knows now.</summary>
    public SlotStatus Status()
    {
        lock (_gate)
        {
            return new SlotStatus
            {
                Slot = _options.SlotId,
                Label = _config.Label,
                Language = _config.Language,
                Choices = _options.Choices,
                IsLinked = _isLinked,
                LinkAge = Milliseconds(_linkSince),
                LinkError = _isLinked ? null : _linkError,
                Round = _rounds.Current,
                RoundAge = _roundAt is { } at ? Milliseconds(at) : null,
                Waiting = _outbox.Count,
                Fault = _fault,
                Recent = _recent.Show(AgeOf),
            };
        }
    }

    /// <summary>Ends when <see cref="Status"/> has changed.</summary>
    public Task ChangedAsync() => Volatile.Read(ref _changed).Task;

    public void Dispose()
    {
        _lights.Dispose();
        _journal.Dispose();
        _wake.Dispose();
        _restart.Dispose();
    }

    private async Task ReadButtonsAsync(CancellationToken stop)
    {
        Dictionary<string, string> choices = _options.Choices.ToDictionary(SlotOptions.InputOf);
        await foreach (InputChange change in _gpio.Changes.ReadAllAsync(stop))
        {
            if (change.IsActive && choices.TryGetValue(change.Input, out string? choice))
                Press(choice, change.Input);
            // A press must never wait for the network: the sender tells the levels.
            Volatile.Write(ref _inputsChanged, true);
            Wake();
        }
    }

    private async Task SendAsync(CancellationToken stop)
    {
        Task inputs = Task.CompletedTask;
        while (true)
        {
            _watchdog.Turn(SenderLoop);
            IReadOnlyList<StoredVote> due = [];
            TimeSpan? next = null;
            lock (_gate)
            {
                if (_isReady)
                {
                    due = _outbox.TakeDue();
                    next = _outbox.NextDue();
                }
            }

            foreach (StoredVote vote in due)
                _ = SendAsync(vote, stop);
            if (inputs.IsCompleted && Interlocked.Exchange(ref _inputsChanged, false))
                inputs = PublishInputsAsync(stop);
            TimeSpan wait = next is { } soon && soon < s_heartbeat ? soon : s_heartbeat;
            using CancellationTokenSource alarm = new(wait, _time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(alarm.Token, stop);
            await _wake.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
        }
    }

    private async Task SendAsync(StoredVote vote, CancellationToken stop)
    {
        SlotEvent sent = new()
        {
            Epoch = vote.Epoch,
            Sequence = vote.Sequence,
            Kind = SlotEvent.Vote,
            Round = vote.Press.Round,
            Input = vote.Press.Input,
            Choice = vote.Press.Choice,
            At = vote.Press.At,
            Monotonic = vote.Press.Monotonic,
            Age = AgeOf(vote.Press),
            IsSynchronised = vote.Press.IsSynchronised,
        };
        await PublishAsync("event", sent, EdgeJson.Default.SlotEvent, false, stop);
    }

    private async Task BeatAsync(CancellationToken stop)
    {
        using PeriodicTimer beats = new(s_heartbeat, _time);
        while (await beats.WaitForNextTickAsync(stop))
        {
            int open;
            lock (_gate)
                open = _outbox.Count;
            SlotHeartbeat beat = new() { Boot = _boot, Number = ++_heartbeats, Open = open, Temperature = _machine.Temperature, Clock = _machine.IsClockSynchronised ? "synced" : "free" };
            await PublishAsync("hb", beat, EdgeJson.Default.SlotHeartbeat, false, stop, MqttQos.AtMostOnce);
        }
    }

    private void ShowLink()
    {
        bool isLinked;
        lock (_gate)
        {
            isLinked = _client.IsConnected && _core is { State: DeviceState.Online };
            if (isLinked != _isLinked)
                (_isLinked, _linkSince) = (isLinked, _time.GetTimestamp());
        }

        _lights.ShowLink(isLinked);
        Changed();
    }

    private void Refuse(string why)
    {
        _lights.ShowRefused();
        lock (_gate)
            _fault = why;
        LogRefusedPress(why);
        Changed();
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }

        Changed();
    }

    private void Changed() => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private string Now() => _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private long Monotonic() => (long)(_time.GetTimestamp() * 1000.0 / _time.TimestampFrequency);

    private long Milliseconds(long since) => (long)_time.GetElapsedTime(since).TotalMilliseconds;

    private long? AgeOf(Press press) => press.Boot == _machine.Boot ? Math.Max(0, Monotonic() - press.Monotonic) : null;

    private static string Hex(Random random, int bytes)
    {
        Span<byte> value = stackalloc byte[bytes];
        random.NextBytes(value);
        return Convert.ToHexStringLower(value);
    }
}
