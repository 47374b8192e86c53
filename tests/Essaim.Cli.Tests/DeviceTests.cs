using System.Text.Json;

namespace Essaim.Cli.Tests;

public sealed class DeviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Device_AddListRevoke_OnACoreWithoutBroker()
    {
        await using CliRun up = CliRun.Start(_folder.Path, "up", "--url", "http://127.0.0.1:0", "--no-worker");
        await up.WaitForErrorsAsync("Ctrl-C stops it.");

        CliResult added = await RunAsync("add", "slot-01", "--label", "North gate");
        Assert.Matches("^SLOT_ID=slot-01\nSLOT_PASSWORD=[A-Za-z0-9_-]{32}\n$", added.Output);
        Assert.Equal((ExitCodes.Ok, "The password is not shown again. Put these lines, and CORE_HOST, into the device's .env.\n"), (added.ExitCode, added.Errors));
        CliResult twice = await RunAsync("add", "slot-01");
        Assert.Equal(
            new CliResult(ExitCodes.Unusable, "", "essaim: ESS5040: There is a device 'slot-01' already. Revoke it first to give it a new password, or choose another id.\n"), twice);
        CliResult list = await RunAsync("list");
        Assert.Matches("^ID +LABEL +STATUS +HEARD +OPEN +FIRMWARE +CONFIG\nslot-01 +North gate +checking +- +0 +- +0\n$", list.Output.Replace(" \n", "\n", StringComparison.Ordinal));
        Assert.Equal("Nobody is heard: the core has no broker of devices; start it with 'up --mqtt HOST'.\n", list.Errors);
        using (JsonDocument json = JsonDocument.Parse((await RunAsync("list", "--format", "json")).Output))
            Assert.Equal("slot-01", json.RootElement[0].GetProperty("id").GetString());
        Assert.Equal(
            new CliResult(ExitCodes.Ok, "", "slot-01 is revoked. Its connection ends once the broker has read its password file anew.\n"), await RunAsync("revoke", "slot-01"));
        CliResult gone = await RunAsync("revoke", "slot-01");
        Assert.Equal(new CliResult(ExitCodes.NotFound, "", "essaim: ESS5041: There is no device 'slot-01'. GET /v1/devices lists those there are.\n"), gone);
        await up.SignalAsync("TERM");
        Assert.Equal(ExitCodes.Ok, (await up.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData(":1883", "':1883' is no HOST or HOST:PORT")]
    [InlineData("core:x", "'core:x' is no HOST or HOST:PORT")]
    [InlineData("core:70000", "'core:70000' is no HOST or HOST:PORT")]
    public async Task Up_BrokerNoAddress_SaysSoAndLeavesNothing(string broker, string text)
    {
        CliResult up = await CliRun.RunAsync(_folder.Path, "up", "--url", "http://127.0.0.1:0", "--mqtt", broker);

        Assert.Equal(ExitCodes.Unusable, up.ExitCode);
        Assert.StartsWith($"essaim: ESS4044: {text} to find a broker at", up.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private Task<CliResult> RunAsync(params string[] args) => CliRun.RunAsync(_folder.Path, ["device", .. args]);
}
