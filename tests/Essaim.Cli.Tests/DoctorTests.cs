using System.Text.Json;
using Essaim.Edge.Tests;

namespace Essaim.Cli.Tests;

/// <summary><c>doctor</c> and devices.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Doctor_OnASlot_SaysWhatCutsItsWay()
    {
        int port = Mosquitto.FreePort();
        await SettingsAsync(port);

        CliResult doctor = await CliRun.RunAsync(_folder.Path, "doctor", "--format", "json");

        Assert.Equal(ExitCodes.Failed, doctor.ExitCode);
        Assert.Equal(
            ("fail", $"127.0.0.1:{port}: port: Connection refused", "Nothing answers there. Is the broker running, does it listen on this address and not on 127.0.0.1 alone, and does a firewall let this machine through?"),
            Find(doctor, "core"));
    }

    [BrokerFact]
    public async Task Doctor_SlotAndCoreRun_AsksThemAndDisturbsNobody()
    {
        string rights = Directory.CreateDirectory(_folder["mosquitto"]).FullName;
        foreach (string file in (string[])["passwords", "rights"])
            await File.WriteAllTextAsync(Path.Combine(rights, file), "", TestContext.Current.CancellationToken);
        await using Mosquitto broker = await Mosquitto.StartAsync(
            "allow_anonymous false", _ => $"password_file {rights}/passwords\nacl_file {rights}/rights\nuse_username_as_clientid true\npid_file {rights}/pid");
        await using CliRun core = CliRun.Start(
            _folder.Path, "up", "--no-worker", "--url", "http://127.0.0.1:0", "--mqtt", $"127.0.0.1:{broker.Port}", "--mqtt-folder", rights, "--mqtt-pid-file", Path.Combine(rights, "pid"));
        await core.WaitForErrorsAsync("Ctrl-C stops it.");
        foreach (string id in (string[])["slot-07", "slot-08"])
        {
            CliResult added = await CliRun.RunAsync(_folder.Path, "device", "add", id);
            await SettingsAsync(broker.Port, id, added.Output.Split('\n').First(line => line.StartsWith("SLOT_PASSWORD=", StringComparison.Ordinal)), Mosquitto.FreePort());
        }

        await using CliRun slot = CliRun.Start(_folder.Path, "slot");
        await slot.WaitForErrorsAsync("Connected to the MQTT broker");

        CliResult doctor;
        do
            doctor = await CliRun.RunAsync(_folder.Path, "doctor", "--format", "json");
        while (Find(doctor, "devices").Detail != "1 online, not there: slot-07" || Find(doctor, "core").Status != "ok");

        Assert.Equal(("ok", $"127.0.0.1:{broker.Port}, by the slot that runs here", null), Find(doctor, "core"));
        Assert.Equal(("warn", "1 online, not there: slot-07", "look at their power and network; on them: essaim doctor, journalctl -u essaim-slot"), Find(doctor, "devices"));
        Assert.Single(slot.Errors.Split("Connected to the MQTT broker").Skip(1));
    }

    [Fact]
    public async Task Doctor_WhatFunctionsRunIn_IsTriedAndExplained()
    {
        RunTests.SkipWithoutSandbox();
        await File.WriteAllTextAsync(_folder["essaim.environments.yaml"], "bare:\n  executor: process\nsolver:\n  root: /nowhere\n", TestContext.Current.CancellationToken);

        CliResult doctor = await CliRun.RunAsync(_folder.Path, "doctor", "--format", "json");

        Assert.Equal(("ok", "bubblewrap; its walls and limits were tried and hold", null), Find(doctor, "functions: python"));
        Assert.Equal("plain processes", Find(doctor, "functions: bare").Detail);
        Assert.Equal(("warn", "/nowhere/usr/bin/python3 does not exist; functions are run by it. Install Python there, or name another folder (root).", null), Find(doctor, "functions: solver"));

        await File.WriteAllTextAsync(_folder["essaim.environments.yaml"], "solver:\n  rood: /nowhere\n", TestContext.Current.CancellationToken);
        doctor = await CliRun.RunAsync(_folder.Path, "doctor", "--format", "json");
        Assert.Equal((ExitCodes.Failed, "fail"), (doctor.ExitCode, Find(doctor, "functions").Status));
        Assert.Contains("essaim.environments.yaml:2:3: 'rood' is no setting of an environment.", Find(doctor, "functions").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_WrongSettingsOfASlot_AreSaid()
    {
        await File.WriteAllTextAsync(_folder["slot.env"], "CORE_HOST=core.local\n", TestContext.Current.CancellationToken);

        CliResult doctor = await CliRun.RunAsync(_folder.Path, "doctor", "--env-file", "slot.env", "--format", "json");

        Assert.Equal(("fail", "The slot cannot start: SLOT_ID (--id) is missing: the slot's name. Give these as options, in the environment or in .env.", null), Find(doctor, "slot"));
    }

    private Task SettingsAsync(int port, string id = "slot-07", string password = "", int page = 0) => File.WriteAllTextAsync(
        _folder[".env"], $"CORE_HOST=127.0.0.1\nCORE_PORT={port}\nSLOT_ID={id}\n{password}\nSLOT_GPIO=none\nSLOT_PORT={page}\n", TestContext.Current.CancellationToken);

    private static (string Status, string Detail, string? Advice) Find(CliResult doctor, string check)
    {
        using JsonDocument findings = JsonDocument.Parse(doctor.Output);
        JsonElement finding = findings.RootElement.EnumerateArray().Single(finding => finding.GetProperty("check").GetString() == check);
        return (finding.GetProperty("status").GetString()!, finding.GetProperty("detail").GetString()!, finding.TryGetProperty("advice", out JsonElement advice) ? advice.GetString() : null);
    }
}
