using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Essaim.Edge;

/// <summary>What the slot hears and says.</summary>
internal sealed partial class SlotAgent : IMqttListener
{
    private static readonly string[] s_told = ["ack", "config", "cmd"];

    async ValueTask IMqttListener.ConnectedAsync(MqttConnected connected, CancellationToken cancellationToken)
    {
        await PublishAsync("state", Birth(), EdgeJson.Default.DeviceState, true, cancellationToken);
        string[] filters = [.. s_told.Select(word => EdgeTopics.Down(_options.SlotId, word)), EdgeTopics.CoreState, EdgeTopics.CurrentRound];
        IReadOnlyList<MqttReason> reasons = await _client.SubscribeAsync([.. filters.Select(filter => new MqttSubscription(filter))], cancellationToken);
        foreach ((string filter, MqttReason reason) in filters.Zip(reasons))
        {
            if (reason.IsRefusal())
                throw MqttException.SubscriptionRefused(_options.Broker.Address, filter, reason);
        }

        lock (_gate)
        {
            _outbox.SendAgain();
            (_isReady, _inputsChanged) = (true, true);
        }

        Wake();
    }

    ValueTask IMqttListener.DisconnectedAsync(MqttEnd end, CancellationToken cancellationToken)
    {
        lock (_gate)
            (_core, _linkError, _isReady) = (null, end.Error.Message, false);
        ShowLink();
        return ValueTask.CompletedTask;
    }

    async ValueTask IMqttListener.ReceivedAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> payload = message.Payload.Span;
        string word = message.Topic[(message.Topic.LastIndexOf('/') + 1)..];
        if (message.Topic == EdgeTopics.CoreState && EdgeJson.TryRead(payload, EdgeJson.Default.CoreState, out CoreState? core))
            Hear(core);
        else if (message.Topic == EdgeTopics.CurrentRound && EdgeJson.TryRead(payload, EdgeJson.Default.RoundNotice, out RoundNotice? notice))
            Hear(notice);
        else if (word == "ack" && EdgeJson.TryRead(payload, EdgeJson.Default.VoteAck, out VoteAck? ack) && ack.Sequences.Count == ack.Verdicts.Count)
            Hear(ack);
        else if (word == "config" && EdgeJson.TryRead(payload, EdgeJson.Default.DesiredConfiguration, out DesiredConfiguration? desired))
            await HearAsync(desired, cancellationToken);
        else if (word == "cmd" && EdgeJson.TryRead(payload, EdgeJson.Default.SlotCommand, out SlotCommand? command))
            await HearAsync(command, cancellationToken);
        else
            LogGarbage(message.Topic, Interlocked.Increment(ref _garbage));
        Changed();
    }

    private void Hear(CoreState core)
    {
        lock (_gate)
        {
            if (core.State == DeviceState.Online && _core is { } known && known.Boot != core.Boot)
                _outbox.SendAgain();
            _core = core;
        }

        ShowLink();
        Wake();
    }

    private void Hear(RoundNotice notice)
    {
        lock (_gate)
        {
            _rounds.Apply(notice);
            _roundAt = _time.GetTimestamp();
        }
    }

    private void Hear(VoteAck ack)
    {
        List<long> done = [];
        foreach ((long sequence, VoteVerdict verdict) in ack.Sequences.Zip(ack.Verdicts))
        {
            VoteNumber number = new(ack.Epoch, sequence);
            if (verdict != VoteVerdict.Conflict)
            {
                done.Add(sequence);
                lock (_gate)
                {
                    _outbox.Remove(number);
                    _recent.Answer(number, verdict);
                }
            }
            else if (_journal.Renumber(number) is { } moved)
            {
                LogConflict(ack.Epoch, sequence, moved.Epoch, moved.Sequence);
                lock (_gate)
                {
                    _outbox.Remove(number);
                    _outbox.Add(moved);
                    _recent.Add(moved);
                }
            }
        }

        _journal.Acknowledge(ack.Epoch, done);
        if (_journal.GuardAgainstRollback(ack.Epoch, ack.Highest))
            LogRolledBack(ack.Epoch, ack.Highest);
        Wake();
    }

    private async Task HearAsync(DesiredConfiguration desired, CancellationToken cancellationToken)
    {
        ReportedConfiguration? report;
        lock (_gate)
            report = _configuration.Consider(desired);
        if (report is not null)
            await PublishAsync("config", report, EdgeJson.Default.ReportedConfiguration, true, cancellationToken);
    }

    private async Task HearAsync(SlotCommand command, CancellationToken cancellationToken)
    {
        CommandFate fate = _commands.Judge(command, _machine.IsClockSynchronised);
        if (fate == CommandFate.Repeated)
            return;
        string? error = fate == CommandFate.Expired ? null : command.Name switch
        {
            "identify" or "restart" or "reboot" => null,
            _ => $"There is no command '{command.Name}'; a slot knows identify, restart and reboot.",
        };
        if (fate == CommandFate.Run && command.Name == "identify")
            _lights.Identify();
        string status = fate == CommandFate.Expired ? CommandReply.Expired : error is null ? CommandReply.Done : CommandReply.Failed;
        JsonElement? result = error is null ? null : JsonSerializer.SerializeToElement(error, EdgeJson.Default.String);
        // The reply goes first: what restarts cannot tell of it.
        await PublishAsync("reply", new CommandReply { Id = command.Id, Status = status, Result = result }, EdgeJson.Default.CommandReply, false, cancellationToken);
        LogCommand(command.Name, status);
        if (fate != CommandFate.Run)
            return;
        if (command.Name == "restart")
            await _restart.CancelAsync();
        if (command.Name == "reboot" && _machine.Reboot() is { } why)
            LogNoReboot(why);
    }

    private string? Apply(int version, JsonElement json)
    {
        if (SlotConfig.TryRead(json, out SlotConfig config) is { } wrong)
            return wrong;
        try
        {
            _files.WriteConfig(new StoredConfig(version, config));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be kept: {error.Message}";
        }

        _config = config;
        return null;
    }

    private async Task SayGoodByeAsync()
    {
        if (!_client.IsConnected)
            return;
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(1), _time);
        await PublishAsync("state", Offline(DeviceState.Shutdown), EdgeJson.Default.DeviceState, true, patience.Token);
    }

    private async Task PublishInputsAsync(CancellationToken cancellationToken) => await PublishAsync(
        "input", new SlotInputs { Inputs = _gpio.ReadInputs(), Number = _gpio.LastNumber, Holes = _gpio.Holes }, EdgeJson.Default.SlotInputs, true, cancellationToken);

    /// <summary>Publishes what the slot says. What does not arrive is said again by whoever needs it said.</summary>
    private async Task PublishAsync<T>(
        string word, T message, JsonTypeInfo<T> type, bool retain, CancellationToken cancellationToken, MqttQos qos = MqttQos.AtLeastOnce)
        where T : class, IEdgeMessage
    {
        if (!_client.IsConnected)
            return;
        try
        {
            MqttReason reason = await _client.PublishAsync(EdgeTopics.Up(_options.SlotId, word), EdgeJson.Write(message, type), qos, retain, null, cancellationToken);
            if (reason.IsRefusal())
                LogRefused(EdgeTopics.Up(_options.SlotId, word), reason.InWords());
        }
        catch (Exception error) when (error is MqttException or OperationCanceledException)
        {
            // The connection ended; the next one begins with all of this.
        }
    }

    private DeviceState Birth()
    {
        lock (_gate)
        {
            return new DeviceState
            {
                State = DeviceState.Online,
                Boot = _boot,
                Session = _session,
                Epoch = _journal.Epoch,
                Sequence = _journal.Last,
                Open = _outbox.Count,
                Firmware = _options.Firmware,
                Configuration = _configuration.Applied,
            };
        }
    }

    private DeviceState Offline(string reason) => new() { State = DeviceState.Offline, Reason = reason, Boot = _boot, Session = _session };

    private MqttWill NextWill()
    {
        _session++;
        return new MqttWill(EdgeTopics.Up(_options.SlotId, "state"), EdgeJson.Write(Offline(DeviceState.Lost), EdgeJson.Default.DeviceState));
    }
}
