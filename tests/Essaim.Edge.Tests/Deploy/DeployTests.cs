using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Essaim.Edge.Tests;

/// <summary>The scripts that make machines core and slots, from a package as a user has it, on two empty Debian systems.</summary>
public sealed class DeployTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("essaim-deploy-");

    /// <summary>Root makes such systems; CI must be able to.</summary>
    public static bool IsUsable => Environment.GetEnvironmentVariable("CI") == "true" || (Environment.UserName == "root" && File.Exists("/usr/sbin/debootstrap"));

    private static string Root => FindRoot();

    private static string Here => Path.Combine(Root, "tests", "Essaim.Edge.Tests", "Deploy");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Scripts_PassShellcheck()
    {
        string[] scripts = [.. Directory.GetFiles(Path.Combine(Root, "deploy", "edge"), "*.sh"), .. Directory.GetFiles(Here, "*.sh"), .. ((string[])["arm64/run", "compose/run", "gpio-sim/run", "vm/base", "vm/run", "vm/steps"]).Select(script => Path.Combine(Root, "tests", script))];
        Assert.True(scripts.Length >= 7);

        (int code, string output) = await RunAsync("shellcheck", ["-x", .. scripts]);

        Assert.Equal((0, ""), (code, output));
    }

    [Theory]
    [InlineData("CORE_MQTT_LAN=encrypted", "CORE_MQTT_LAN is 'encrypted' in {0}: it is tls or open")]
    [InlineData("NIGHT_EXPECTED_VOTES=none", "NIGHT_EXPECTED_VOTES is 'none' in {0}: it is a number above 0, such as 9")]
    [InlineData("CORE_NAMES=a b", "CORE_NAMES is 'a b' in {0}: it is names of letters, digits, dots and hyphens, separated by commas")]
    [InlineData("what is this", "{0}:1: 'what is this' is not NAME=VALUE")]
    public async Task Core_WrongSettings_AreRefusedBeforeAnythingIsDone(string line, string said)
    {
        string settings = Path.Combine(_folder.FullName, "settings");
        await File.WriteAllTextAsync(settings, line + "\n", TestContext.Current.CancellationToken);

        (int code, string output) = await RunAsync(Path.Combine(Root, "deploy", "edge", "deploy_core.sh"), ["--env", settings, "--dry-run"]);

        Assert.Equal((1, $"deploy_core.sh: {string.Format(System.Globalization.CultureInfo.InvariantCulture, said, settings)}\n"), (code, output));
    }

    [Fact]
    public async Task Slot_WithoutItsName_SaysHowToGetOne()
    {
        string template = Path.Combine(Root, "deploy", "edge", ".env.slot");

        (int code, string output) = await RunAsync(Path.Combine(Root, "deploy", "edge", "deploy_slot.sh"), ["--dry-run"]);

        Assert.Equal(
            (1, $"deploy_slot.sh: SLOT_ID is '' in {template}: 1 to 32 of a-z, 0-9 and -. On the core: sudo /opt/essaim/tools/add_slot.sh slot-01\n"), (code, output));
    }

    [Fact]
    public async Task TwoEmptySystems_BecomeCoreAndSlot_AndCountAVote()
    {
        Assert.SkipUnless(IsUsable, "Root and debootstrap make empty systems.");
        string package = Path.Combine(_folder.FullName, "package.tar.gz");
        (int built, string log) = await RunAsync(Path.Combine(Root, "deploy", "edge", "package.sh"), ["--out", package]);
        Assert.True(built == 0, log);
        string systems = Directory.CreateDirectory(Path.Combine(_folder.FullName, "systems")).FullName;

        (int code, string output) = await RunAsync(Path.Combine(Here, "clean_root.sh"), [package, systems]);

        Assert.True(code == 0, output);
        Assert.Equal(
            [
                "seen: two empty systems", "seen: deploy_core.sh", "seen: deploy_core.sh again: nothing had to be changed", "seen: units systemd finds no fault with",
                "seen: the core answers", "seen: add_slot.sh", "seen: deploy_slot.sh, twice", "seen: the slot's way to the broker, encrypted",
                "seen: the API by https, the old address", "seen: the slot is on line", "seen: the slot knows of the round", "seen: the first vote closed its round",
                "seen: the core answers after its copy was put back", "seen: backup.sh, restore.sh",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // Whoever builds in a build: what the outer one told its tools is not for the inner one.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        string? folder = Path.GetDirectoryName(here);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Essaim.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No Essaim.slnx above {here}: run the tests where they were built.");
    }
}
