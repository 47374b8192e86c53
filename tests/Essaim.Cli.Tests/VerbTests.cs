using System.Text.Json;

namespace Essaim.Cli.Tests;

public sealed class VerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Version_Always_NamesProgramAndRuntime()
    {
        CliResult version = await RunAsync("version");
        Assert.Equal((ExitCodes.Ok, ""), (version.ExitCode, version.Errors));
        Assert.Matches(@"^essaim \d+\.\d+\.\d+ \(Essaim \d+\.\d+\.\d+, \.NET 10\.\d+\.\d+, [a-z]+-[a-z0-9]+\)\n$", version.Output);
    }

    [Fact]
    public async Task Doctor_AsJson_LooksAtEverythingAndMakesNothing()
    {
        CliResult doctor = await RunAsync("doctor", "--format", "json");
        using JsonDocument findings = JsonDocument.Parse(doctor.Output);
        Assert.Equal(
            ["runtime", "sdk", "machine", "broker", "bwrap", "podman", "docker", "python3", "clock", "disk", "inotify", "mosquitto", "functions: python", "functions: python-sci"],
            findings.RootElement.EnumerateArray().Select(finding => finding.GetProperty("check").GetString()));
        JsonElement broker = findings.RootElement[3];
        Assert.Equal(
            ("warn", ".essaim/essaim.db does not exist yet", "'essaim worker' makes it; or name another broker with --broker URL"),
            (broker.GetProperty("status").GetString(), broker.GetProperty("detail").GetString(), broker.GetProperty("advice").GetString()));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Doctor_BrokerThatIsNone_Fails()
    {
        await File.WriteAllTextAsync(_folder["bad.db"], new string('x', 5000), TestContext.Current.CancellationToken);
        CliResult doctor = await RunAsync("doctor", "--broker", "sqlite:bad.db", "--format", "json");
        Assert.Equal(ExitCodes.Failed, doctor.ExitCode);
        using JsonDocument findings = JsonDocument.Parse(doctor.Output);
        Assert.Equal("fail", findings.RootElement[3].GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("send", "Required argument missing for command: 'send'. Run 'essaim send --help' to see how it is used.")]
    [InlineData("nonsense", "'nonsense' is not known here. Run 'essaim --help' to see how it is used.")]
    [InlineData("schedule", "Required command was not provided. Run 'essaim schedule --help' to see how it is used.")]
    [InlineData("worker --autoscale 1,4", "'1,4' is not MAX,MIN. Give two numbers, the larger first, such as --autoscale 4,1. Run 'essaim worker --help' to see how it is used.")]
    [InlineData("worker --lease soon", "'soon' is not a duration. Write seconds (90), or 500ms, 30s, 5m, 2h, 1d, 1h30m. Run 'essaim worker --help' to see how it is used.")]
    [InlineData("worker -l loud", "'loud' is not a log level. Give trace, debug, information, warning, error, critical or none. Run 'essaim worker --help' to see how it is used.")]
    [InlineData("send t --priority 10", "A priority is a number from 0 (highest) to 9. Run 'essaim send --help' to see how it is used.")]
    [InlineData("send t --eta tomorrow", "'tomorrow' is not a time. Write it as 2026-01-31T18:00:00Z or with an offset, as 2026-01-31T18:00:00+01:00. Run 'essaim send --help' to see how it is used.")]
    public async Task AnyVerb_WrongUsage_SaysWhatAndWhereToRead(string line, string sentence) =>
        Assert.Equal(new CliResult(ExitCodes.Unusable, "", $"essaim: ESS4001: {sentence}\n"), await RunAsync(line.Split(' ')));

    [Theory]
    [InlineData("queues")]
    [InlineData("send demo.add")]
    [InlineData("result 1")]
    [InlineData("purge celery")]
    [InlineData("schedule list")]
    public async Task AnyVerb_NoBrokerHere_SaysHowToGetOne(string line)
    {
        CliResult result = await RunAsync(line.Split(' '));
        Assert.Equal(
            new CliResult(
                ExitCodes.Unusable, "",
                $"essaim: ESS4003: There is no broker in this folder ({_folder[".essaim/essaim.db"]} does not exist). Start one with 'essaim worker', go to the folder of a running one, or name it with --broker URL.\n"),
            result);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Queues_UnknownScheme_SaysWhichAreKnown() => Assert.Equal(
        new CliResult(
            ExitCodes.Unusable, "",
            "essaim: ESS1001: The broker URL 'nats://x' does not start with a scheme Essaim knows. Use sqlite:FILE for one machine, memory: for tests, or redis://HOST:6379/0.\n"),
        await RunAsync("queues", "--broker", "nats://x"));

    [Fact]
    public async Task ScheduleNext_CronText_ShowsTimesInItsZone()
    {
        CliResult next = await RunAsync("schedule", "next", "--cron", "0 3 29 2 *", "--timezone", "Europe/Paris", "--count", "2");
        Assert.Matches(@"^\d{4}-02-29 03:00:00 \+01:00\n\d{4}-02-29 03:00:00 \+01:00\n$", next.Output);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _essaim_complete essaim")]
    [InlineData("zsh", "compdef _essaim essaim")]
    [InlineData("fish", "complete -c essaim")]
    public async Task Completion_OfShell_IsItsScript(string shell, string line) =>
        Assert.Contains(line, (await RunAsync("completion", shell)).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Suggest_HalfAVerb_OffersIt() =>
        Assert.Contains("schedule", (await RunAsync("[suggest:10]", "essaim sch")).Output.Split('\n'));

    [Fact]
    public async Task Child_WithoutAWorker_SaysWhoStartsIt() => Assert.Equal(
        new CliResult(ExitCodes.Unusable, "", "The verb 'child' is for workers: they start it with a channel. Run the verb 'worker' instead.\n"),
        await RunAsync("child"));

    private Task<CliResult> RunAsync(params string[] args) => CliRun.RunAsync(_folder.Path, args);
}
