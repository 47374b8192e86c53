using System.Net;
using System.Net.Sockets;

namespace Essaim.Edge.Tests;

public sealed class MqttCheckTests
{
    [BrokerFact]
    public async Task Run_OpenBroker_EveryStepIsFine()
    {
        int webSocket = Mosquitto.FreePort();
        await using Mosquitto broker = await Mosquitto.StartAsync("allow_anonymous true", _ => $"listener {webSocket} 127.0.0.1\nprotocol websockets");

        List<CheckResult> results = await RunAsync(Options(broker), webSocket, true);

        Assert.Equal(
            ["Name None", "Port None", "Credentials None", "RoundTrip None", "WebSocket None"], results.Select(result => $"{result.Step} {result.Fault}"));
        Assert.Equal("MQTT 5.0, -", results[2].Detail);
    }

    [BrokerFact]
    public async Task Run_WebSocketClosed_IsAFaultWhereItIsWanted()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        int closed = Mosquitto.FreePort();

        Assert.Equal(CheckFault.Absent, (await RunAsync(Options(broker), closed, false))[^1].Fault);
        Assert.Equal(new CheckResult(CheckStep.WebSocket, CheckFault.PortClosed, "Connection refused"), (await RunAsync(Options(broker), closed, true))[^1]);
        // A port where something else listens than MQTT over WebSocket.
        Assert.Equal((CheckStep.WebSocket, CheckFault.NotMqtt), Last(await RunAsync(Options(broker), broker.Port, false)));
    }

    [BrokerFact]
    public async Task Run_SecuredBroker_TellsRightsFromPasswords()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync("allow_anonymous false", own =>
        {
            own.SetPasswordAsync("slot-01", "one").GetAwaiter().GetResult();
            own.SetPasswordAsync("core", "two").GetAwaiter().GetResult();
            own.SetPasswordAsync("nobody", "three").GetAwaiter().GetResult();
            File.WriteAllText(own.File("rights"), "user core\ntopic readwrite edge/v1/#\n\npattern write edge/v1/slot/%u/up/#\npattern read edge/v1/slot/%u/down/#\n");
            return $"password_file {own.File("passwords")}\nacl_file {own.File("rights")}";
        });
        int closed = Mosquitto.FreePort();

        Assert.Equal(new CheckResult(CheckStep.Credentials, CheckFault.WrongCredentials, "not authorized (0x87)"), (await RunAsync(Options(broker), closed, false))[^1]);
        Assert.Equal(CheckFault.WrongCredentials, (await RunAsync(Options(broker) with { UserName = "core", Password = "one" }, closed, false))[^1].Fault);
        Assert.Equal(CheckFault.Absent, (await RunAsync(Options(broker) with { UserName = "core", Password = "two" }, closed, false))[^1].Fault);
        List<CheckResult> slot = await RunAsync(Options(broker) with { UserName = "slot-01", Password = "one" }, closed, false);
        Assert.Equal((CheckStep.WebSocket, CheckFault.Absent), Last(slot));
        Assert.StartsWith("edge/v1/slot/slot-01; ", slot[^2].Detail, StringComparison.Ordinal);
    }

    [BrokerFact]
    public async Task Run_Tls_IsTriedByItself()
    {
        using Certificates certificates = new("localhost");
        int port = Mosquitto.FreePort();
        await using Mosquitto broker = await Mosquitto.StartAsync(
            "allow_anonymous true", _ => $"listener {port} 127.0.0.1\ncertfile {certificates.ServerFile}\nkeyfile {certificates.ServerKeyFile}\ntls_version tlsv1.2");
        int closed = Mosquitto.FreePort();
        MqttOptions options = Options(broker) with { Host = "localhost", Port = port };

        List<CheckResult> fine = await RunAsync(options with { Tls = new MqttTls(certificates.AuthorityFile) }, closed, false);
        Assert.Matches("^Tls None Tls1[23], CN=localhost$", $"{fine[2].Step} {fine[2].Fault} {fine[2].Detail}");
        Assert.Equal(CheckFault.Absent, fine[^1].Fault);
        Assert.Equal((CheckStep.Tls, CheckFault.Untrusted), Last(await RunAsync(options with { Tls = new MqttTls() }, closed, false)));
        Assert.Equal((CheckStep.Tls, CheckFault.CertificateFile), Last(await RunAsync(options with { Tls = new MqttTls("/nowhere") }, closed, false)));
        Assert.Equal((CheckStep.Tls, CheckFault.NoTls), Last(await RunAsync(options with { Port = broker.Port, Tls = new MqttTls() }, closed, false)));
        Assert.Equal((CheckStep.Credentials, CheckFault.NotMqtt), Last(await RunAsync(options, closed, false)));
    }

    [Fact]
    public async Task Run_NoMachineOrNoPort_IsTheFirstFault()
    {
        MqttOptions options = new() { Host = "no-such-host.invalid", ClientId = "check" };
        Assert.Equal((CheckStep.Name, CheckFault.NameUnknown), Last(await RunAsync(options, 9001, false)));
        Assert.Equal((CheckStep.Port, CheckFault.PortClosed), Last(await RunAsync(options with { Host = "127.0.0.1", Port = Mosquitto.FreePort() }, 9001, false)));
    }

    [Fact]
    public async Task Run_OtherServer_SpeaksNoMqtt()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using CancellationTokenSource end = new();
        Task serving = ServeAsync(listener, end.Token);

        List<CheckResult> results = await RunAsync(new MqttOptions { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, ClientId = "check" }, 9001, false);

        Assert.Equal((CheckStep.Credentials, CheckFault.NotMqtt), Last(results));
        Assert.Equal("What came is not MQTT: a packet that begins with 0x48. Is there a broker behind this port, and TLS where it wants TLS?", results[^1].Detail);
        await end.CancelAsync();
        await serving;
    }

    private static async Task ServeAsync(TcpListener listener, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(end);
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), end);
                await client.GetStream().CopyToAsync(Stream.Null, end);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // The test is over, or this client is gone.
            }
        }
    }

    private static (CheckStep Step, CheckFault Fault) Last(List<CheckResult> results) => (results[^1].Step, results[^1].Fault);

    private static MqttOptions Options(Mosquitto broker) => broker.Options("check");

    private static async Task<List<CheckResult>> RunAsync(MqttOptions options, int webSocketPort, bool needsWebSocket)
    {
        List<CheckResult> results = [];
        await foreach (CheckResult result in new MqttCheck(options, webSocketPort, needsWebSocket, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken))
            results.Add(result);
        return results;
    }
}
