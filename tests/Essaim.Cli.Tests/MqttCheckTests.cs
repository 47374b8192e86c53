using Essaim.Edge;
using Essaim.Edge.Tests;

namespace Essaim.Cli.Tests;

public sealed class MqttCheckTests
{
    [BrokerFact]
    public async Task Check_BrokerThere_SaysSoInBothLanguages()
    {
        int webSocket = Mosquitto.FreePort();
        await using Mosquitto broker = await Mosquitto.StartAsync("allow_anonymous true", _ => $"listener {webSocket} 127.0.0.1\nprotocol websockets");

        CliResult english = await CheckAsync("en", broker.Port, webSocket);
        CliResult french = await CheckAsync("fr", broker.Port, webSocket);

        Assert.Matches(
            $$"""
            ^127\.0\.0\.1:{{broker.Port}}
              ✓ name: 127\.0\.0\.1
              ✓ port: 127\.0\.0\.1:{{broker.Port}}
              ✓ sign-in: MQTT 5\.0, -
              ✓ publish and receive: \d+ ms
              ✓ WebSocket: 127\.0\.0\.1:{{webSocket}}
            ✓ Connected
            $
            """, english.Output);
        Assert.Equal((0, ""), (english.ExitCode, english.Errors));
        Assert.EndsWith("\n✓ Connexion réussie !\n", french.Output, StringComparison.Ordinal);
        Assert.Contains("\n  ✓ identification: MQTT 5.0, -\n  ✓ publication et réception: ", french.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NothingThere_SaysWhatToDo()
    {
        int port = Mosquitto.FreePort();

        Assert.Equal(
            new CliResult(
                ExitCodes.Failed,
                $"""
                127.0.0.1:{port}
                  ✓ name: 127.0.0.1
                  ✗ port: Connection refused. Nothing answers there. Is the broker running, does it listen on this address and not on 127.0.0.1 alone, and does a firewall let this machine through?
                ✗ Not connected

                """,
                ""),
            await CheckAsync("en", port, 1));
        Assert.EndsWith(
            "  ✗ port: Connection refused. Rien ne répond là. Le courtier tourne-t-il, écoute-t-il sur cette adresse et pas seulement sur 127.0.0.1, et le pare-feu laisse-t-il passer cette machine ?\n✗ Connexion impossible\n",
            (await CheckAsync("fr", port, 1)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_EveryStepAndFault_AreThereInBothLanguages()
    {
        foreach (CheckTexts texts in (CheckTexts[])[CheckTexts.English, CheckTexts.French])
        {
            Assert.Equal(Enum.GetValues<CheckStep>(), texts.Steps.Keys.Order());
            Assert.Equal(Enum.GetValues<CheckFault>().Where(fault => fault != CheckFault.None), texts.Faults.Keys.Order());
        }
    }

    private static Task<CliResult> CheckAsync(string language, int port, int webSocket) =>
        CliRun.RunAsync(AppContext.BaseDirectory, "mqtt", "check", "127.0.0.1", "--port", $"{port}", "--websocket-port", $"{webSocket}", "--lang", language);
}
