using System.Buffers;

namespace Essaim.Edge;

/// <summary>One connection to a broker, from the handshake to its end; never made anew. Safe on all threads.</summary>
internal sealed class MqttConnection : IAsyncDisposable
{
    // A broker that answers pings but never a message would hold the window shut for ever.
    private static readonly TimeSpan s_answerPatience = TimeSpan.FromSeconds(20);
    private readonly Lock _gate = new();
    private readonly MqttOptions _options;
    private readonly TimeProvider _time;
    private readonly Stream _stream;
    private readonly MqttInput _input;
    private readonly MqttOutput _output;
    private readonly MqttReceiver _receiver;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<MqttException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<MqttPublishing> _waiting = new();
    private readonly Dictionary<ushort, IMqttRequest> _unanswered = [];
    private readonly TimeSpan _keepAlive;
    private readonly int _window;
    private Task _running = Task.CompletedTask;
    private MqttException? _fault;
    private int _inFlight;
    private ushort _lastId;
    private long _heardAt;
    private long _sentAt;
    private long _pingedAt;
    private long _dropped;

    private MqttConnection(MqttOptions options, Stream stream, MqttInput input, MqttConnected connected, MqttReceiver receiver, TimeProvider time)
    {
        (_options, _stream, _input, _time, _receiver, Connected) = (options, stream, input, time, receiver, connected);
        _keepAlive = connected.Limits?.ServerKeepAlive is > 0 and { } wanted ? TimeSpan.FromSeconds(wanted) : options.KeepAlive;
        _window = Math.Min(options.SendMaximum, connected.Limits?.ReceiveMaximum ?? ushort.MaxValue);
        _output = new MqttOutput(stream, _gate, options.SendBuffer, SendWaiting, End, _closing.Token);
        _heardAt = _sentAt = _pingedAt = time.GetTimestamp();
    }

    public MqttConnected Connected { get; }

    /// <summary>Ends with the connection, and says why it did.</summary>
    public Task<MqttException> Ended => _ended.Task;

    /// <summary>QoS 0 messages that found the send buffer full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Connects: name, TCP, TLS, and the broker's word.</summary>
    /// <exception cref="MqttException"><c>ESS6101</c> to <c>ESS6106</c>.</exception>
    public static async Task<MqttConnection> OpenAsync(
        MqttOptions options, MqttVersion version, MqttReceiver receiver, TimeProvider time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(options.ConnectTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        Stream? stream = null;
        try
        {
            stream = await options.Dial(options, either.Token);
            MqttConnection connection = await GreetAsync(options, version, stream, receiver, time, either.Token);
            connection._running = Task.WhenAll(connection.ReadAsync(), connection.KeepAliveAsync(), receiver.RunAsync(connection));
            return connection;
        }
        catch (Exception error)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            if (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                string what = stream is null ? "no answer" : "it took the connection but said nothing of MQTT";
                throw MqttException.Unreachable(options.Address, $"{what} within {options.ConnectTimeout.TotalSeconds:0.#} s", error);
            }

            if (error is IOException)
                throw MqttException.Unreachable(options.Address, $"it closed the connection at once ({error.Message})", error);
            throw;
        }
    }

    public ValueTask<MqttReason> PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, MqttProperties? properties, CancellationToken cancellationToken)
    {
        int size = MqttEncoder.SizeOfPublish(Connected.Version, topic, payload.Length, qos, properties);
        if (Refusal(size, qos, retain) is { } refusal)
            return new ValueTask<MqttReason>(refusal);
        if (qos == MqttQos.AtMostOnce)
            return new ValueTask<MqttReason>(Post(topic, payload, retain, properties, size));
        MqttPublishing publishing = new(topic, payload, retain, properties, size);
        lock (_gate)
        {
            ThrowIfEnded();
            if (_waiting.Count == 0 && CanSend(publishing))
                Send(publishing);
            else
                _waiting.Enqueue(publishing);
        }

        return cancellationToken.CanBeCanceled ? WaitAsync(publishing, cancellationToken) : new ValueTask<MqttReason>(publishing.Task);
    }

    public async ValueTask<IReadOnlyList<MqttReason>> SubscribeAsync(IReadOnlyList<MqttSubscription> subscriptions, CancellationToken cancellationToken)
    {
        MqttSubscribing subscribing = new(subscriptions.Count, _time.GetTimestamp());
        lock (_gate)
        {
            ThrowIfEnded();
            ushort id = NextId();
            _unanswered.Add(id, subscribing);
            MqttEncoder.Subscribe(_output.Gathering, Connected.Version, id, [.. subscriptions]);
            Flush();
        }

        return await subscribing.Task.WaitAsync(cancellationToken);
    }

    /// <summary>A message of QoS 1 has been handled.</summary>
    public void Acknowledge(ushort id)
    {
        lock (_gate)
        {
            if (_fault is not null)
                return;
            MqttEncoder.PubAck(_output.Gathering, id);
            Flush();
        }
    }

    /// <summary>Says good-bye, so that the broker does not publish the will, and ends the connection.</summary>
    public async Task CloseAsync()
    {
        Task drained;
        lock (_gate)
        {
            if (_fault is not null)
                return;
            MqttEncoder.Disconnect(_output.Gathering, Connected.Version, MqttReason.Success);
            Flush();
            drained = _output.DrainAsync();
        }

        await Task.WhenAny(drained, Task.Delay(TimeSpan.FromSeconds(1), _time, _closing.Token));
        End(MqttException.Lost(_options.Address, "this program closed it"));
    }

    /// <summary>Ends the connection; what waits for an answer fails.</summary>
    public void End(Exception reason)
    {
        MqttException fault = reason as MqttException
            ?? MqttException.Lost(_options.Address, reason is OperationCanceledException ? "it was closed" : reason.Message, MqttReason.UnspecifiedError, reason);
        List<IMqttRequest> lost;
        lock (_gate)
        {
            if (_fault is not null)
                return;
            _fault = fault;
            lost = [.. _unanswered.Values, .. _waiting];
            _unanswered.Clear();
            _waiting.Clear();
        }

        _closing.Cancel();
        _stream.Dispose();
        _receiver.Complete();
        foreach (IMqttRequest request in lost)
            request.Fail(fault);
        _ended.TrySetResult(fault);
    }

    /// <summary>Ends it, and waits until its last message has been handled.</summary>
    public async ValueTask DisposeAsync()
    {
        End(MqttException.Lost(_options.Address, "this program closed it"));
        await _running;
        _closing.Dispose();
    }

    private static async Task<MqttConnection> GreetAsync(
        MqttOptions options, MqttVersion version, Stream stream, MqttReceiver receiver, TimeProvider time, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> hello = new();
        MqttEncoder.Connect(hello, options, version);
        await stream.WriteAsync(hello.WrittenMemory, cancellationToken);
        MqttInput input = new(stream, options.MaximumPacketSize);
        MqttPacket? answer;
        while ((answer = TryRead(input, version)) is null)
            await input.FillAsync(cancellationToken);
        if (answer.Value.Kind != MqttPacketKind.ConnAck)
            throw MqttException.NotMqtt("something else before the answer to CONNECT", MqttReason.ProtocolError);
        MqttProperties? limits = answer.Value.Properties;
        if (answer.Value.Reason != MqttReason.Success)
            throw MqttException.Refused(options.Address, options.ClientId, answer.Value.Reason, limits?.ReasonString);
        return new MqttConnection(options, stream, input, new MqttConnected(version, answer.Value.SessionPresent, limits), receiver, time);
    }

    private static MqttPacket? TryRead(MqttInput input, MqttVersion version) =>
        input.TryTake(out ReadOnlySpan<byte> packet) ? MqttDecoder.Decode(packet, version) : null;

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                while (_input.TryTake(out ReadOnlySpan<byte> packet))
                    Handle(MqttDecoder.Decode(packet, Connected.Version));
                await _input.FillAsync(_closing.Token);
                Volatile.Write(ref _heardAt, _time.GetTimestamp());
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            End(error);
        }
    }

    private void Handle(in MqttPacket packet)
    {
        switch (packet.Kind)
        {
            case MqttPacketKind.Publish:
                _receiver.Accept(packet.Message!, packet.Id);
                break;
            case MqttPacketKind.PubAck:
                (Take(packet.Id) as MqttPublishing)?.TrySetResult(packet.Reason);
                break;
            case MqttPacketKind.SubAck when Take(packet.Id) is MqttSubscribing subscribing:
                if (packet.Reasons.Count != subscribing.Count)
                    subscribing.Fail(MqttException.NotMqtt($"an answer to SUBSCRIBE with {packet.Reasons.Count} reasons for {subscribing.Count} filters"));
                subscribing.TrySetResult(packet.Reasons);
                break;
            case MqttPacketKind.Disconnect:
                string words = packet.Properties?.ReasonString is { } said ? $", {said}" : "";
                throw MqttException.Lost(_options.Address, $"the broker ended it: {packet.Reason.InWords()}{words}", packet.Reason);
            case MqttPacketKind.ConnAck:
                throw MqttException.NotMqtt("a second answer to CONNECT", MqttReason.ProtocolError);
        }
    }

    private IMqttRequest? Take(ushort id)
    {
        lock (_gate)
        {
            if (!_unanswered.Remove(id, out IMqttRequest? request))
                return null;
            if (request is MqttPublishing)
            {
                _inFlight--;
                SendWaiting();
            }

            return request;
        }
    }

    private async Task KeepAliveAsync()
    {
        if (_keepAlive <= TimeSpan.Zero)
            return;
        using PeriodicTimer ticks = new(TimeSpan.FromTicks(Math.Min(_keepAlive.Ticks / 8, TimeSpan.TicksPerSecond * 5)), _time);
        try
        {
            while (await ticks.WaitForNextTickAsync(_closing.Token))
            {
                _options.OnTurn();
                TimeSpan silence = _time.GetElapsedTime(Volatile.Read(ref _heardAt));
                if (silence > _keepAlive * 1.5)
                    throw MqttException.Lost(_options.Address, $"not a byte came for {silence.TotalSeconds:0.#} s", MqttReason.KeepAliveTimeout);
                lock (_gate)
                {
                    if (_unanswered.Values.Any(request => _time.GetElapsedTime(request.SentAt) > s_answerPatience))
                        throw MqttException.Lost(_options.Address, $"the broker left something unanswered for {s_answerPatience.TotalSeconds:0} s");
                    if (_fault is not null || (IsRecent(_sentAt) && (silence < _keepAlive / 2 || IsRecent(_pingedAt))))
                        continue;
                    _pingedAt = _time.GetTimestamp();
                    MqttEncoder.PingReq(_output.Gathering);
                    Flush();
                }
            }
        }
        catch (Exception error) when (error is MqttException or OperationCanceledException)
        {
            End(error);
        }
    }

    private bool IsRecent(long at) => _time.GetElapsedTime(at) < _keepAlive / 2;

    private MqttReason? Refusal(int size, MqttQos qos, bool retain)
    {
        MqttProperties? limits = Connected.Limits;
        if (size > (limits?.MaximumPacketSize ?? uint.MaxValue))
            return MqttReason.PacketTooLarge;
        if (qos > MqttQos.AtMostOnce && limits?.MaximumQos == 0)
            return MqttReason.QosNotSupported;
        return retain && limits?.RetainAvailable == false ? MqttReason.RetainNotSupported : null;
    }

    private MqttReason Post(string topic, ReadOnlyMemory<byte> payload, bool retain, MqttProperties? properties, int size)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            if (!_output.HasRoom(size))
            {
                _dropped++;
                return MqttReason.QuotaExceeded;
            }

            MqttEncoder.Publish(_output.Gathering, Connected.Version, topic, payload.Span, MqttQos.AtMostOnce, retain, 0, properties);
            Flush();
            return MqttReason.Success;
        }
    }

    private async ValueTask<MqttReason> WaitAsync(MqttPublishing publishing, CancellationToken cancellationToken)
    {
        try
        {
            return await publishing.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
                publishing.IsAbandoned = true;
            throw;
        }
    }

    private bool CanSend(MqttPublishing publishing) => _inFlight < _window && _output.HasRoom(publishing.Size);

    private void SendWaiting()
    {
        while (_waiting.TryPeek(out MqttPublishing? next) && (next.IsAbandoned || CanSend(next)))
        {
            _waiting.Dequeue();
            if (!next.IsAbandoned)
                Send(next);
        }
    }

    private void Send(MqttPublishing publishing)
    {
        ushort id = NextId();
        _inFlight++;
        publishing.SentAt = _time.GetTimestamp();
        _unanswered.Add(id, publishing);
        MqttEncoder.Publish(_output.Gathering, Connected.Version, publishing.Topic, publishing.Payload.Span, MqttQos.AtLeastOnce, publishing.Retain, id, publishing.Properties);
        Flush();
    }

    private void Flush()
    {
        _sentAt = _time.GetTimestamp();
        _output.Flush();
    }

    private ushort NextId()
    {
        do
            _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1);
        while (_unanswered.ContainsKey(_lastId));
        return _lastId;
    }

    private void ThrowIfEnded()
    {
        if (_fault is { } fault)
            throw fault;
    }
}
