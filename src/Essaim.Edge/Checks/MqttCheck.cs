using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace Essaim.Edge;

/// <summary>A step of <see cref="MqttCheck"/>.</summary>
internal enum CheckStep
{
    Name,
    Port,
    Tls,
    Credentials,
    RoundTrip,
    WebSocket,
}

/// <summary>What is wrong with a step.</summary>
internal enum CheckFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It was left out: not asked for, and not there.</summary>
    Absent,
    NameUnknown,
    PortClosed,
    PortSilent,
    Untrusted,
    NoTls,
    CertificateFile,
    NotMqtt,
    WrongCredentials,
    Refused,
    PublishRefused,
    SubscribeRefused,
    NoEcho,
}

/// <summary>How a step went.</summary>
/// <param name="Step">The step.</param>
/// <param name="Fault">What is wrong.</param>
/// <param name="Detail">Words of system or broker; of a step that went well, what it found.</param>
internal sealed record CheckResult(CheckStep Step, CheckFault Fault, string Detail)
{
    public bool IsFine => Fault is CheckFault.None or CheckFault.Absent;
}

/// <summary>Tries a broker step by step, and stops at the first that does not work.</summary>
/// <param name="options">The broker; its client id is used, so that an older connection of it ends.</param>
/// <param name="webSocketPort">Port of MQTT over WebSocket.</param>
/// <param name="needsWebSocket">A closed WebSocket port is a fault.</param>
/// <param name="time">For how long it waits.</param>
internal sealed class MqttCheck(MqttOptions options, int webSocketPort, bool needsWebSocket, TimeProvider time)
{
    private static readonly TimeSpan s_echo = TimeSpan.FromSeconds(5);

    /// <summary>The steps as they come.</summary>
    public async IAsyncEnumerable<CheckResult> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<Func<CancellationToken, Task<CheckResult>>> steps = [FindNameAsync, OpenPortAsync];
        if (options.Tls is not null)
            steps.Add(EncryptAsync);
        steps.AddRange([SignInAsync, EchoAsync, OpenWebSocketAsync]);
        foreach (Func<CancellationToken, Task<CheckResult>> step in steps)
        {
            CheckResult result = await step(cancellationToken);
            yield return result;
            if (!result.IsFine)
                yield break;
        }
    }

    private async Task<CheckResult> FindNameAsync(CancellationToken cancellationToken)
    {
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(options.Host, cancellationToken);
            return new CheckResult(CheckStep.Name, CheckFault.None, string.Join(", ", addresses.Select(address => address.ToString())));
        }
        catch (SocketException error)
        {
            return new CheckResult(CheckStep.Name, CheckFault.NameUnknown, error.Message);
        }
    }

    private async Task<CheckResult> OpenPortAsync(CancellationToken cancellationToken)
    {
        (CheckFault fault, string why) = await TryPortAsync(options.Port, cancellationToken);
        return new CheckResult(CheckStep.Port, fault, why);
    }

    private async Task<(CheckFault Fault, string Detail)> TryPortAsync(int port, CancellationToken cancellationToken)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        using CancellationTokenSource patience = new(options.ConnectTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(options.Host, port, either.Token);
            return (CheckFault.None, $"{options.Host}:{port}");
        }
        catch (SocketException error)
        {
            return (CheckFault.PortClosed, new SocketException((int)error.SocketErrorCode).Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (CheckFault.PortSilent, $"{options.ConnectTimeout.TotalSeconds:0.#} s");
        }
    }

    private async Task<CheckResult> EncryptAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(options.ConnectTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await using System.Net.Security.SslStream stream = (System.Net.Security.SslStream)await MqttDialer.DialAsync(options, either.Token);
            return new CheckResult(CheckStep.Tls, CheckFault.None, $"{stream.SslProtocol}, {stream.RemoteCertificate?.Subject}");
        }
        catch (MqttException error)
        {
            CheckFault fault = error.Code switch
            {
                "ESS6103" => CheckFault.Untrusted,
                "ESS6106" => CheckFault.CertificateFile,
                _ => CheckFault.NoTls,
            };
            return new CheckResult(CheckStep.Tls, fault, error.InnerException?.Message ?? error.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CheckResult(CheckStep.Tls, CheckFault.NoTls, $"{options.ConnectTimeout.TotalSeconds:0.#} s");
        }
    }

    private async Task<CheckResult> SignInAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using MqttConnection connection = await OpenAsync(options, static _ => { }, cancellationToken);
            string version = connection.Connected.Version == MqttVersion.V5 ? "MQTT 5.0" : "MQTT 3.1.1";
            await connection.CloseAsync();
            return new CheckResult(CheckStep.Credentials, CheckFault.None, $"{version}, {options.UserName ?? "-"}");
        }
        catch (MqttException error)
        {
            return Fault(CheckStep.Credentials, error);
        }
    }

    private async Task<CheckResult> EchoAsync(CancellationToken cancellationToken)
    {
        try
        {
            TaskCompletionSource echo = new(TaskCreationOptions.RunContinuationsAsynchronously);
            byte[] nonce = Guid.NewGuid().ToByteArray();
            await using MqttConnection connection = await OpenAsync(
                options,
                message =>
                {
                    if (message.Payload.Span.SequenceEqual(nonce))
                        echo.TrySetResult();
                },
                cancellationToken);
            string topic = $"{EdgeTopics.Root}/check/{options.ClientId}";
            MqttReason subscribed = (await connection.SubscribeAsync([new MqttSubscription(topic)], cancellationToken))[0];
            MqttReason published = await connection.PublishAsync(topic, nonce, MqttQos.AtLeastOnce, false, null, cancellationToken);
            if (options.UserName is { } user && EdgeTopics.IsSlotId(user) && (subscribed.IsRefusal() || published.IsRefusal()))
                return await TrySlotAsync(connection, user, published, cancellationToken);
            if (published.IsRefusal())
                return new CheckResult(CheckStep.RoundTrip, CheckFault.PublishRefused, $"{topic}: {published.InWords()}");
            if (subscribed.IsRefusal())
                return new CheckResult(CheckStep.RoundTrip, CheckFault.SubscribeRefused, $"{topic}: {subscribed.InWords()}");
            long began = time.GetTimestamp();
            await echo.Task.WaitAsync(s_echo, time, cancellationToken);
            string took = $"{time.GetElapsedTime(began).TotalMilliseconds:0} ms";
            await connection.CloseAsync();
            return new CheckResult(CheckStep.RoundTrip, CheckFault.None, took);
        }
        catch (MqttException error)
        {
            return Fault(CheckStep.RoundTrip, error);
        }
        catch (TimeoutException)
        {
            return new CheckResult(CheckStep.RoundTrip, CheckFault.NoEcho, $"{s_echo.TotalSeconds:0} s");
        }
    }

    /// <summary>A slot may speak on its own topics and listen on others, so it never hears itself: both rights are tried.</summary>
    private static async Task<CheckResult> TrySlotAsync(MqttConnection connection, string slot, MqttReason published, CancellationToken cancellationToken)
    {
        MqttReason spoke = await connection.PublishAsync(EdgeTopics.Up(slot, "check"), "{}"u8.ToArray(), MqttQos.AtLeastOnce, false, null, cancellationToken);
        MqttReason listened = (await connection.SubscribeAsync([new MqttSubscription(EdgeTopics.Down(slot, "ack"))], cancellationToken))[0];
        await connection.CloseAsync();
        if (spoke.IsRefusal())
            return new CheckResult(CheckStep.RoundTrip, CheckFault.PublishRefused, $"{EdgeTopics.Up(slot, "check")}: {spoke.InWords()}");
        if (listened.IsRefusal())
            return new CheckResult(CheckStep.RoundTrip, CheckFault.SubscribeRefused, $"{EdgeTopics.Down(slot, "ack")}: {listened.InWords()}");
        return new CheckResult(CheckStep.RoundTrip, CheckFault.None, $"{EdgeTopics.Root}/slot/{slot}; {published.InWords()}");
    }

    private async Task<CheckResult> OpenWebSocketAsync(CancellationToken cancellationToken)
    {
        (CheckFault fault, string why) = await TryPortAsync(webSocketPort, cancellationToken);
        if (fault != CheckFault.None)
            return new CheckResult(CheckStep.WebSocket, needsWebSocket ? fault : CheckFault.Absent, why);
        try
        {
            await using MqttConnection connection = await OpenAsync(options with { Port = webSocketPort, Dial = DialWebSocketAsync }, static _ => { }, cancellationToken);
            await connection.CloseAsync();
            return new CheckResult(CheckStep.WebSocket, CheckFault.None, $"{options.Host}:{webSocketPort}");
        }
        catch (MqttException error)
        {
            return Fault(CheckStep.WebSocket, error);
        }
        catch (WebSocketException error)
        {
            return new CheckResult(CheckStep.WebSocket, CheckFault.NotMqtt, error.Message);
        }
    }

    private static async ValueTask<Stream> DialWebSocketAsync(MqttOptions options, CancellationToken cancellationToken)
    {
        ClientWebSocket socket = new();
        try
        {
            socket.Options.AddSubProtocol("mqtt");
            string host = options.Host.Contains(':', StringComparison.Ordinal) ? $"[{options.Host}]" : options.Host;
            await socket.ConnectAsync(new Uri($"ws://{host}:{options.Port}/mqtt"), cancellationToken);
            return WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<MqttConnection> OpenAsync(MqttOptions to, Action<MqttMessage> onMessage, CancellationToken cancellationToken)
    {
        MqttReceiver Receiver() => new(
            to,
            message =>
            {
                onMessage(message);
                return ValueTask.CompletedTask;
            },
            static (_, _) => { });
        try
        {
            return await MqttConnection.OpenAsync(to, MqttVersion.V5, Receiver(), time, cancellationToken);
        }
        catch (MqttException error) when (error.Reason == MqttReason.UnsupportedProtocolVersion)
        {
            return await MqttConnection.OpenAsync(to, MqttVersion.V311, Receiver(), time, cancellationToken);
        }
    }

    private static CheckResult Fault(CheckStep step, MqttException error)
    {
        CheckFault fault = error.Code switch
        {
            "ESS6102" when error.Reason is MqttReason.BadUserNameOrPassword or MqttReason.NotAuthorized => CheckFault.WrongCredentials,
            "ESS6102" => CheckFault.Refused,
            _ => CheckFault.NotMqtt,
        };
        return new CheckResult(step, fault, error.Reason == MqttReason.UnspecifiedError || error.Code != "ESS6102" ? error.Message : error.Reason.InWords());
    }
}
