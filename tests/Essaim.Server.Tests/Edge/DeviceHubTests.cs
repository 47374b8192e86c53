using System.Globalization;
using Essaim.Edge;
using Essaim.Edge.Tests;

namespace Essaim.Server.Tests;

/// <summary>A real core, a real broker on the files the core writes, and real agents.</summary>
public sealed class DeviceHubTests : IAsyncLifetime
{
    private readonly MemoryDisk _disk = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("essaim-broker-");
    private Mosquitto _broker = null!;
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Installed.IsUsable)
            return;
        string folder = _folder.FullName;
        // The broker needs files to start with; the core writes them before it connects.
        await File.WriteAllTextAsync(Path.Combine(folder, "passwords"), "", ServerHarness.Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "rights"), "", ServerHarness.Stop);
        _broker = await Mosquitto.StartAsync(
            "allow_anonymous false", _ => $"password_file {folder}/passwords\nacl_file {folder}/rights\nuse_username_as_clientid true\npid_file {folder}/pid");
        _core = await ServerHarness.StartAsync(
            options => options.Edge = new EdgeOptions { Port = _broker.Port, BrokerFolder = folder, BrokerPidFile = Path.Combine(folder, "pid"), ExpectedVotes = 3 });
        await _core.UntilAsync("/v1/devices", answer => (bool)answer.Json["linked"]!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_core is not null)
        {
            await _core.DisposeAsync();
            await _broker.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    [BrokerFact]
    public async Task Device_AddedWhileTheBrokerRuns_ConnectsAndItsVotesCount()
    {
        MqttOptions slot1 = await AddAsync("slot-01");
        await using RunningSlot slot = new(slot1, _disk);
        await slot.UntilAsync(status => status.IsLinked);
        await StatusAsync("slot-01", "online");
        await _core.PostAsync("/v1/rounds");
        await slot.UntilAsync(status => status.Round?.State == RoundState.Open);

        for (int i = 0; i < 3; i++)
            slot.Agent.Press("red", $"nonce-{i}");

        SlotStatus done = await slot.UntilAsync(status => status.Round?.State == RoundState.Closed && status.Waiting == 0);
        Assert.Equal([VoteVerdict.Counted, VoteVerdict.Counted, VoteVerdict.Counted], done.Recent.Select(vote => vote.Verdict!.Value));
        slot.Agent.Press("blue");
        Assert.Equal(VoteVerdict.Late, (await slot.UntilAsync(status => status.Recent is [{ Choice: "blue", Verdict: not null }, ..])).Recent[0].Verdict);
        Answer round = await _core.GetAsync("/v1/rounds/1");
        Assert.Equal("closed 3", $"{round.Json["round"]!["state"]} {round.Json["round"]!["votes"]}");
        Assert.Equal(["nonce-0", "nonce-1", "nonce-2"], round.Json["votes"]!.AsArray().Select(vote => (string)vote!["input"]!));
    }

    [BrokerFact]
    public async Task Device_Revoked_IsCutOffAndStaysOut()
    {
        await using RunningSlot slot = new(await AddAsync("slot-01"), _disk);
        await slot.UntilAsync(status => status.IsLinked);

        await _core.DeleteAsync("/v1/devices/slot-01");

        SlotStatus cut = await slot.UntilAsync(status => status.LinkError?.Contains("not authorized", StringComparison.Ordinal) == true);
        Assert.False(cut.IsLinked);
        Assert.Empty((await _core.GetAsync("/v1/devices")).Json["devices"]!.AsArray());
    }

    [BrokerFact]
    public async Task Presence_GoodByeAndSilence_AreToldApart()
    {
        MqttOptions options = await AddAsync("slot-01");
        await using (RunningSlot polite = new(options, _disk))
            await StatusAsync("slot-01", "online");

        Assert.Equal("shutdown", (string)(await StatusAsync("slot-01", "disconnected"))["reason"]!);
        await using (RunningClient rude = new(options with { ClientId = "slot-01", Will = () => new MqttWill("edge/v1/slot/slot-01/up/state", """{"v":1,"state":"offline","reason":"lost","boot":"0badf00d","session":1}"""u8.ToArray()) }))
        {
            await rude.Told.ConnectedAsync();
            await rude.PublishAsync("edge/v1/slot/slot-01/up/state", """{"v":1,"state":"online","boot":"0badf00d","session":1}""", retain: true);
            await StatusAsync("slot-01", "online");
            // Another connection under the same name: the broker ends the first and publishes its will.
            await using RunningClient other = await RunningClient.ConnectAsync(options with { ClientId = "slot-01" });
            Assert.Equal("lost", (string)(await StatusAsync("slot-01", "disconnected"))["reason"]!);
        }
    }

    [BrokerFact]
    public async Task ConfigurationAndCommands_ReachTheDevice()
    {
        await using RunningSlot slot = new(await AddAsync("slot-01"), _disk);
        await StatusAsync("slot-01", "online");
        using HttpRequestMessage put = new(HttpMethod.Put, "/v1/devices/slot-01/config") { Content = new StringContent("""{"label":"Nord"}""", System.Text.Encoding.UTF8, "application/json") };

        await _core.SendAsync(put);
        await slot.UntilAsync(status => status.Label == "Nord");
        await _core.UntilAsync("/v1/devices", answer => (string?)answer.Json["devices"]![0]!["reported_status"] == "applied");
        Answer sent = await _core.PostAsync("/v1/devices/slot-01/commands", """{"name":"restart"}""");

        Assert.Equal(202, (int)sent.Status);
        Assert.True(await slot.Running);
    }

    [BrokerFact]
    public async Task Core_StartedAnew_HearsAndCountsWhatWasPressedMeanwhile()
    {
        await using RunningSlot slot = new(await AddAsync("slot-01"), _disk);
        await slot.UntilAsync(status => status.IsLinked);
        await _core.PostAsync("/v1/rounds");
        await slot.UntilAsync(status => status.Round?.State == RoundState.Open);
        await _core.Server.StopAsync();
        await slot.UntilAsync(status => !status.IsLinked);
        slot.Agent.Press("red");
        slot.Agent.Press("red");

        await _core.RestartAsync();

        await slot.UntilAsync(status => status.Waiting == 0 && status.Round?.Votes == 2);
        Assert.Equal(2, (int)(await _core.GetAsync("/v1/rounds/1")).Json["round"]!["votes"]!);
    }

    [BrokerFact]
    public async Task Broker_StartedBeforeItsFilesWereWritten_IsToldAgain()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, "late")).FullName;
        string pid = Path.Combine(folder, "pid");
        await File.WriteAllTextAsync(Path.Combine(folder, "passwords"), "", ServerHarness.Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "rights"), "", ServerHarness.Stop);
        await using Mosquitto broker = await Mosquitto.StartAsync(
            "allow_anonymous false", _ => $"password_file {folder}/passwords\nacl_file {folder}/rights\nuse_username_as_clientid true\npid_file {pid}");
        File.Move(pid, pid + ".late");
        await using ServerHarness core = await ServerHarness.StartAsync(
            options => options.Edge = new EdgeOptions { Port = broker.Port, BrokerFolder = folder, BrokerPidFile = pid });
        await core.UntilAsync("/v1/devices", answer => ((string?)answer.Json["link_error"])?.Contains("refuses", StringComparison.Ordinal) == true);

        File.Move(pid + ".late", pid);

        Answer linked = await core.UntilAsync("/v1/devices", answer => (bool)answer.Json["linked"]!);
        Assert.Null((string?)linked.Json["link_error"]);
    }

    [BrokerFact]
    public async Task Health_BrokerGone_NamesIt()
    {
        Assert.Equal("ok", await HealthAsync("ok"));

        await _broker.KillAsync();

        Assert.Equal("degraded", await HealthAsync("degraded"));
    }

    [BrokerFact]
    public async Task Unregistered_OrGarbage_IsNotHeard()
    {
        MqttOptions options = await AddAsync("slot-01");
        await using RunningClient client = await RunningClient.ConnectAsync(options with { ClientId = "slot-01" });
        foreach (string payload in (string[])["", "{", "null", """{"v":1,"e":"x","s":0,"k":"vote","choice":"red"}""", """{"v":1,"e":"x","s":1,"k":"dance","choice":"red"}""", $$"""{"v":1,"e":"x","s":1,"k":"vote","choice":"{{new string('x', 65)}}"}"""])
            await client.PublishAsync("edge/v1/slot/slot-01/up/event", payload);
        await _core.PostAsync("/v1/rounds");

        await client.PublishAsync("edge/v1/slot/slot-01/up/event", """{"v":1,"e":"x","s":1,"k":"vote","round":"1","choice":"red"}""");

        Answer round = await _core.UntilAsync("/v1/rounds/1", answer => answer.Json["votes"]!.AsArray().Count > 0);
        Assert.Single(round.Json["votes"]!.AsArray());
        Assert.Equal(MqttReason.NotAuthorized, await client.PublishAsync("edge/v1/slot/slot-02/up/event", """{"v":1,"e":"x","s":2,"k":"vote","round":"1","choice":"red"}"""));
        Assert.Equal(MqttReason.NotAuthorized, await client.PublishAsync("edge/v1/night/current", "{}"));
    }

    [BrokerFact]
    public async Task Events_OfTheEdge_ShowWhatChanges()
    {
        await AddAsync("slot-01");
        using Stream stream = await _core.Http.GetStreamAsync("/v1/edge/events", ServerHarness.Stop);
        using StreamReader reader = new(stream);
        await NextAsync(reader, data => data.Contains("\"slot-01\"", StringComparison.Ordinal));

        await _core.PostAsync("/v1/rounds");

        await NextAsync(reader, data => data.Contains("\"state\":\"open\"", StringComparison.Ordinal));
    }

    private async Task<string> HealthAsync(string status)
    {
        Answer answer = await _core.UntilAsync("/healthz", answer => Of(answer) == status);
        return Of(answer);

        static string Of(Answer answer) => (string)answer.Json["parts"]!.AsArray().First(part => (string)part!["name"]! == "devices")!["status"]!;
    }

    private static async Task NextAsync(StreamReader reader, Func<string, bool> isWanted)
    {
        while (await reader.ReadLineAsync(ServerHarness.Stop) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal) && isWanted(line))
                return;
        }

        Assert.Fail("The stream ended.");
    }

    private async Task<MqttOptions> AddAsync(string id)
    {
        Answer added = await _core.PostAsync("/v1/devices", string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{id}}"}"""));
        return _broker.Options(id) with { UserName = id, Password = (string)added.Json["password"]! };
    }

    private async Task<System.Text.Json.Nodes.JsonNode> StatusAsync(string id, string status)
    {
        Answer answer = await _core.UntilAsync("/v1/devices", answer => answer.Json["devices"]!.AsArray().Any(device => (string)device!["id"]! == id && (string)device["status"]! == status));
        return answer.Json["devices"]!.AsArray().First(device => (string)device!["id"]! == id)!;
    }
}
