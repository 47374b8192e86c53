using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Essaim.Edge;
using Essaim.Edge.Tests;

namespace Essaim.Cli.Tests;

/// <summary>What can be wrong with a slot, on real processes and a broker with the rights the core writes.</summary>
public sealed class SlotFaultTests : IDisposable
{
    private static readonly string s_fakeTime = ((string[])["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"])
        .Select(folder => Path.Combine(folder, "faketime/libfaketimeMT.so.1")).FirstOrDefault(File.Exists) ?? "";

    private readonly HttpClient _http = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [BrokerFact]
    public async Task Slot_Frozen_IsSilentAndThenOnLineAgain()
    {
        await using EdgeCore core = await EdgeCore.StartAsync();
        (string folder, _) = await core.AddAsync("slot-01", 0);
        await using CliRun slot = CliRun.Start(folder, "slot");
        await core.DeviceAsync("slot-01", "online");

        await slot.SignalAsync("STOP");

        JsonNode frozen = await core.DeviceAsync("slot-01", "disconnected");
        // The core's own clock, or the broker's, which gives it up after one and a half times the keep-alive it asked for.
        Assert.Contains((string)frozen["reason"]!, (string[])["silent", "lost"]);
        await slot.SignalAsync("CONT");
        await core.DeviceAsync("slot-01", "online");
    }

    [BrokerTheory]
    [InlineData("+1h")]
    [InlineData("-1h")]
    public async Task Slot_ClockAnHourOff_CountsAllTheSame(string wrong)
    {
        Assert.SkipUnless(s_fakeTime.Length > 0 || Environment.GetEnvironmentVariable("CI") == "true", "faketime is not installed.");
        int page = Mosquitto.FreePort();
        await using EdgeCore core = await EdgeCore.StartAsync();
        (string folder, _) = await core.AddAsync("slot-01", page);
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        await using CliRun slot = CliRun.Start(folder, [("LD_PRELOAD", s_fakeTime), ("FAKETIME", wrong), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")], ["slot"]);
        await core.DeviceAsync("slot-01", "online");
        await core.PostAsync("/v1/rounds", new { expected = 1 });
        await UntilRoundAsync(page);

        using HttpResponseMessage pressed = await _http.PostAsJsonAsync(new Uri($"http://127.0.0.1:{page}/press"), new { choice = "yes", input = "nonce" }, Stop);

        Assert.True(pressed.IsSuccessStatusCode);
        JsonNode vote = (await core.UntilAsync("/v1/rounds/1", answer => answer["votes"]!.AsArray().Count == 1))["votes"]![0]!;
        Assert.Equal(("counted", "nonce"), ((string)vote["verdict"]!, (string)vote["input"]!));
        // Only what the slot says of itself is wrong, as its clock is.
        TimeSpan off = DateTimeOffset.Parse((string)vote["device_clock"]!, System.Globalization.CultureInfo.InvariantCulture) - before;
        Assert.InRange(Math.Abs(off.TotalMinutes), 50, 70);
        Assert.InRange(DateTimeOffset.Parse((string)vote["arrived_at"]!, System.Globalization.CultureInfo.InvariantCulture), before, TimeProvider.System.GetUtcNow());
    }

    [BrokerFact]
    public async Task Client_WithAnothersId_ThrowsNobodyOut()
    {
        await using EdgeCore core = await EdgeCore.StartAsync();
        (string folder, _) = await core.AddAsync("slot-01", 0);
        (_, string password) = await core.AddAsync("slot-02", 0);
        await using CliRun slot = CliRun.Start(folder, "slot");
        await core.DeviceAsync("slot-01", "online");

        await using RunningClient borrower = await RunningClient.ConnectAsync(core.Broker.Options("slot-01") with { UserName = "slot-02", Password = password });
        MqttReason asAnother = await borrower.PublishAsync("edge/v1/slot/slot-01/up/state", """{"v":1,"state":"offline","reason":"lost","boot":"0badf00d","session":1}""");
        MqttReason asItself = await borrower.PublishAsync("edge/v1/slot/slot-02/up/state", """{"v":1,"state":"online","boot":"0badf00d","session":1}""");

        Assert.Equal((MqttReason.NotAuthorized, true), (asAnother, !asItself.IsRefusal()));
        await core.DeviceAsync("slot-02", "online");
        await core.DeviceAsync("slot-01", "online");
        Assert.Single(slot.Errors.Split("Connected to the MQTT broker").Skip(1));
    }

    private async Task UntilRoundAsync(int page)
    {
        while ((string?)JsonNode.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{page}/status"), Stop))!["round"]?["state"] != "open")
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
    }
}
