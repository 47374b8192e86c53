using System.Net;

namespace Essaim.Server.Tests;

/// <summary>Devices and rounds on a core without a broker: kept all the same.</summary>
public sealed class EdgeApiTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task Devices_AddedAndRevoked_StandInTheBrokersFiles()
    {
        Answer added = await _core.PostAsync("/v1/devices", """{"id":"slot-01","label":"North"}""");
        Assert.Equal((HttpStatusCode.Created, "slot-01", 32), (added.Status, (string)added.Json["id"]!, ((string)added.Json["password"]!).Length));
        Assert.Equal("/v1/devices/slot-01", added.Headers.Location?.ToString());
        (await _core.PostAsync("/v1/devices", """{"id":"slot-01"}""")).IsProblem(
            409, "ESS5040", "Device exists", "There is a device 'slot-01' already. Revoke it first to give it a new password, or choose another id.");
        string passwords = Path.Combine(_core.Folder.FullName, "mosquitto", "passwords");
        Assert.Matches("^core:\\$7\\$101\\$[^\n]+\nslot-01:\\$7\\$101\\$[^\n]+\n$", await File.ReadAllTextAsync(passwords, ServerHarness.Stop));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(passwords));
        Answer list = await _core.GetAsync("/v1/devices");
        Assert.Equal(("slot-01", "North", "checking", false), ((string)list.Json["devices"]![0]!["id"]!, (string)list.Json["devices"]![0]!["label"]!, (string)list.Json["devices"]![0]!["status"]!, (bool)list.Json["linked"]!));
        Assert.DoesNotContain("$7$", list.Text, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await _core.DeleteAsync("/v1/devices/slot-01")).Status);
        (await _core.DeleteAsync("/v1/devices/slot-01")).IsProblem(404, "ESS5041", "No such device", "There is no device 'slot-01'. GET /v1/devices lists those there are.");
        Assert.DoesNotContain("slot-01", await File.ReadAllTextAsync(passwords, ServerHarness.Stop), StringComparison.Ordinal);
        Answer audit = await _core.GetAsync("/v1/audit?limit=2");
        Assert.Equal(["device.revoke", "device.add"], audit.Json["entries"]!.AsArray().Select(entry => (string)entry!["action"]!));
    }

    [Fact]
    public async Task Devices_MistakesInRequests_AreAllNamed()
    {
        (await _core.PostAsync("/v1/devices", """{"id":"Slot 1","color":1}""")).IsProblem(
            422, "ESS5011", "Invalid request", "The request has 2 mistakes; nothing was done.",
            ("$.color", "is not known here; known are id, label"), ("$.id", "must be 1 to 32 of a-z, 0-9 and -, not 'Slot 1'"));
        Assert.Equal("must not be 'core', which is the core's own user", (string)(await _core.PostAsync("/v1/devices", """{"id":"core"}""")).Json["errors"]![0]!["message"]!);
        await _core.PostAsync("/v1/devices", """{"id":"a"}""");
        Assert.Equal("language 'de' is neither en nor fr", (string)(await PutAsync("/v1/devices/a/config", """{"language":"de"}""")).Json["errors"]![0]!["message"]!);
        Assert.Equal("ESS5041", (await PutAsync("/v1/devices/b/config", "{}")).Code);
        Answer configured = await PutAsync("/v1/devices/a/config", """{"label":"x","language":"fr"}""");
        Assert.Equal((1, "fr"), ((int)configured.Json["config_version"]!, (string)configured.Json["config"]!["language"]!));
        (await _core.PostAsync("/v1/devices/a/commands", """{"name":"identify"}""")).IsProblem(
            503, "ESS5043", "Broker not reached", "The command was not sent: the core has no broker of devices ('essaim up --mqtt HOST').");
        Assert.Equal("must be one of identify, restart, reboot, not 'dance'", (string)(await _core.PostAsync("/v1/devices/a/commands", """{"name":"dance"}""")).Json["errors"]![0]!["message"]!);
        Assert.Equal("ESS5041", (await _core.PostAsync("/v1/devices/b/commands", """{"name":"identify"}""")).Code);
    }

    [Fact]
    public async Task Rounds_OpenedClosedAndVoid_AreKeptOverARestart()
    {
        Answer opened = await _core.PostAsync("/v1/rounds", """{"expected":3,"question":"Who?"}""");
        Assert.Equal((HttpStatusCode.Created, 1L, "open", 3, "Who?"), (opened.Status, (long)opened.Json["id"]!, (string)opened.Json["state"]!, (int)opened.Json["expected"]!, (string)opened.Json["question"]!));
        (await _core.PostAsync("/v1/rounds")).IsProblem(409, "ESS5044", "A round is open", "A round is open already. Close it, declare it void, or wait for its votes.");
        Assert.Equal("closed", (string)(await _core.PostAsync("/v1/rounds/1/close")).Json["state"]!);
        (await _core.PostAsync("/v1/rounds/1/close")).IsProblem(409, "ESS5045", "Not in this state", "Round 1 is closed.");
        Assert.Equal(9, (int)(await _core.PostAsync("/v1/rounds")).Json["expected"]!);
        Answer voided = await _core.PostAsync("/v1/rounds/2/void", """{"reason":"wrong question"}""");
        Assert.Equal(("void", "wrong question"), ((string)voided.Json["state"]!, (string)voided.Json["reason"]!));
        Assert.Equal("ESS5011", (await _core.PostAsync("/v1/rounds/2/void", "{}")).Code);
        (await _core.PostAsync("/v1/rounds/7/void", """{"reason":"x"}""")).IsProblem(404, "ESS5042", "No such round", "There is no round 7. GET /v1/rounds lists those there are.");
        await _core.RestartAsync();

        Assert.Equal(["2 void", "1 closed"], (await _core.GetAsync("/v1/rounds")).Json["rounds"]!.AsArray().Select(round => $"{round!["id"]} {round["state"]}"));
        Assert.Empty((await _core.GetAsync("/v1/rounds/1")).Json["votes"]!.AsArray());
        Answer csv = await _core.GetAsync("/v1/rounds/1/votes.csv");
        Assert.Equal("slot,epoch,number,choice,input,verdict,arrived_at,pressed_at,device_clock\r\n", csv.Text);
        Assert.Equal("ESS5042", (await _core.GetAsync("/v1/rounds/9/votes.csv")).Code);
    }

    [Fact]
    public void Csv_FieldsOfADevice_AreNoFormulas()
    {
        VoteView vote = new("slot-01", "e", 1, "=1+1", "a,\"b\"", "counted", DateTimeOffset.UnixEpoch, null, null);

        Assert.EndsWith("\r\nslot-01,e,1,'=1+1,\"a,\"\"b\"\"\",counted,1970-01-01T00:00:00.0000000+00:00,,\r\n", VoteView.Csv([vote]), StringComparison.Ordinal);
    }

    private async Task<Answer> PutAsync(string path, string json)
    {
        using HttpRequestMessage request = new(HttpMethod.Put, path) { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json") };
        return await _core.SendAsync(request);
    }
}
