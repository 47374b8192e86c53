using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Essaim.Cli.Tests;

public sealed partial class SlotTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Slot_CoreAway_KeepsVotesOverARestart()
    {
        // A port nobody listens on, and settings from the folder's .env.
        await File.WriteAllTextAsync(_folder[".env"], "# A slot\nCORE_HOST=127.0.0.1\nCORE_PORT=1\nexport SLOT_ID='slot-07'\nSLOT_BUTTONS=\"red=17, blue=27\"\nSLOT_GPIO=none\nSLOT_PORT=0\n", TestContext.Current.CancellationToken);
        await using (CliRun first = CliRun.Start(_folder.Path, "slot"))
        {
            await first.WaitForErrorsAsync("Its page is at");
            Assert.StartsWith($"Slot slot-07 runs; its core is 127.0.0.1:1, its votes are kept in {_folder[".essaim-slot"]}.\nIts page is at http://127.0.0.1:", first.Errors, StringComparison.Ordinal);
            string url = Address().Match(first.Errors).Value;

            Assert.Equal(HttpStatusCode.Accepted, (await PressAsync(url, """{"choice":"red"}""")).StatusCode);
            Assert.Equal(HttpStatusCode.Accepted, (await PressAsync(url, """{"choice":"blue"}""")).StatusCode);
            HttpResponseMessage unknown = await PressAsync(url, """{"choice":"green"}""");
            Assert.Equal("""422 {"status":422,"detail":"There is no such choice."}""", $"{(int)unknown.StatusCode} {await unknown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PressAsync(url, "[1")).StatusCode);
            JsonElement status = await StatusAsync(url);
            Assert.Equal((2, false), (status.GetProperty("waiting").GetInt32(), status.GetProperty("isLinked").GetBoolean()));
            CliResult second = await CliRun.RunAsync(_folder.Path, "slot");
            Assert.Equal(
                new CliResult(ExitCodes.Unusable, "", $"essaim: ESS4043: Another slot keeps its votes in '{_folder[".essaim-slot"]}'. Stop it, or give another folder with --data.\n"), second);
            await first.SignalAsync("KILL");
            await first.EndAsync();
        }

        await using CliRun again = CliRun.Start(_folder.Path, "slot", "--log-level", "Error");
        await again.WaitForErrorsAsync("Its page is at");
        JsonElement kept = await StatusAsync(Address().Match(again.Errors).Value);
        Assert.Equal(["blue", "red"], kept.GetProperty("recent").EnumerateArray().Select(vote => vote.GetProperty("choice").GetString()));
        await again.SignalAsync("TERM");
        Assert.Equal((ExitCodes.Ok, ""), ((await again.EndAsync()).ExitCode, (await again.EndAsync()).Output));
    }

    [Fact]
    public async Task Slot_Keyboard_KeysAreButtonsAndLightsAreWords()
    {
        System.Diagnostics.ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "Essaim.Cli"), ["slot", "--core", "127.0.0.1", "--core-port", "1", "--id", "a", "--gpio", "keyboard", "--buttons", "red=1,blue=2", "--port", "0"])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using System.Diagnostics.Process slot = System.Diagnostics.Process.Start(start)!;
        await UntilAsync(slot, "Keys: 1 red, 2 blue");

        await slot.StandardInput.WriteAsync("7x2");
        await slot.StandardInput.FlushAsync(TestContext.Current.CancellationToken);

        await UntilAsync(slot, "● accepted");
        await UntilAsync(slot, "○ accepted");
        slot.Kill();
        await slot.WaitForExitAsync(TestContext.Current.CancellationToken);
        string votes = await File.ReadAllTextAsync(Directory.EnumerateFiles(_folder[".essaim-slot"]).Single(file => File.ReadAllText(file).Contains("BTN_", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        Assert.Contains("\"blue\"", votes, StringComparison.Ordinal);
        Assert.DoesNotContain("\"red\"", votes, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(System.Diagnostics.Process slot, string line)
    {
        string? read;
        do
            read = await slot.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        while (read is not null && !read.EndsWith(line, StringComparison.Ordinal));
        Assert.NotNull(read);
    }

    [Fact]
    public async Task Slot_Page_IsSmallAndRefusesOtherSites()
    {
        await using CliRun slot = CliRun.Start(_folder.Path, "slot", "--core", "127.0.0.1", "--core-port", "1", "--id", "a", "--gpio", "none", "--port", "0");
        await slot.WaitForErrorsAsync("Its page is at");
        string url = Address().Match(slot.Errors).Value;

        byte[] page = await _http.GetByteArrayAsync(url + "/", TestContext.Current.CancellationToken);
        byte[] script = await _http.GetByteArrayAsync(url + "/slot.js", TestContext.Current.CancellationToken);
        Assert.InRange(page.Length, 1000, 15 * 1024);
        Assert.InRange(page.Length + script.Length, 2000, 15 * 1024);
        using (HttpRequestMessage rebound = new(HttpMethod.Get, url + "/status"))
        {
            rebound.Headers.Host = "evil.example";
            Assert.Equal(HttpStatusCode.MisdirectedRequest, (await _http.SendAsync(rebound, TestContext.Current.CancellationToken)).StatusCode);
        }

        using StringContent form = new("""{"choice":"yes"}""");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await _http.PostAsync(url + "/press", form, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(url + "/other", TestContext.Current.CancellationToken)).StatusCode);
        using Stream events = await _http.GetStreamAsync(url + "/events", TestContext.Current.CancellationToken);
        using StreamReader reader = new(events);
        Assert.Equal(0, await WaitingAsync(reader));
        await PressAsync(url, """{"choice":"yes"}""");
        while (await WaitingAsync(reader) != 1)
        {
            // Earlier pictures.
        }
    }

    [Fact]
    public async Task Slot_SettingsWrong_SaysAllOfThem()
    {
        CliResult wrong = await CliRun.RunAsync(
            _folder.Path, "slot", "--id", "Slot 1", "--buttons", "red=17,red=18,blue", "--lights", "top=17", "--gpio", "maybe", "--port", "x", "--listen", "here");

        Assert.Equal(
            new CliResult(
                ExitCodes.Unusable, "",
                "essaim: ESS4041: The slot cannot start: SLOT_ID 'Slot 1' is no name: 1 to 32 of a-z, 0-9 and -; CORE_HOST (--core) is missing: the core's name or address; "
                + "SLOT_BUTTONS names 'red' twice; SLOT_BUTTONS has 'blue', which is not NAME=LINE such as red=17; SLOT_LIGHTS names 'top'; lights are accepted, error and link; "
                + "line 17 is given to red and top; SLOT_GPIO 'maybe' is neither kernel, keyboard nor none; SLOT_PORT 'x' is no number from 0 to 65535; SLOT_LISTEN 'here' is no address, such as 127.0.0.1 or 0.0.0.0. "
                + "Give these as options, in the environment or in .env.\n"),
            wrong);
        await File.WriteAllTextAsync(_folder["bad.env"], "\nwhat\n", TestContext.Current.CancellationToken);
        CliResult bad = await CliRun.RunAsync(_folder.Path, "slot", "--env-file", "bad.env");
        Assert.Equal("essaim: ESS4040: Line 2 of 'bad.env' is not NAME=VALUE. Correct it, or begin it with #.\n", bad.Errors);
    }

    [Fact]
    public async Task Slot_NoGpioOrPortTaken_SaysSo()
    {
        CliResult none = await CliRun.RunAsync(_folder.Path, "slot", "--core", "127.0.0.1", "--id", "a", "--gpio-label", "no-such-chip");
        Assert.StartsWith("essaim: ESS6130: No GPIO chip has the label no-such-chip; ", none.Errors, StringComparison.Ordinal);
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        CliResult taken = await CliRun.RunAsync(_folder.Path, "slot", "--core", "127.0.0.1", "--id", "a", "--gpio", "none", "--port", $"{port}");

        Assert.Equal(
            new CliResult(
                ExitCodes.Unusable, "",
                $"essaim: ESS4042: The slot's page cannot listen on 127.0.0.1:{port} (Address already in use). Does a slot run already? Choose another port with --port, or do without the page (--no-page).\n"),
            taken);
    }

    private async Task<HttpResponseMessage> PressAsync(string url, string json)
    {
        using StringContent body = new(json, System.Text.Encoding.UTF8, "application/json");
        return await _http.PostAsync(url + "/press", body, TestContext.Current.CancellationToken);
    }

    private async Task<JsonElement> StatusAsync(string url) => await _http.GetFromJsonAsync<JsonElement>(url + "/status", TestContext.Current.CancellationToken);

    private static async Task<int> WaitingAsync(StreamReader events)
    {
        string? line;
        do
            line = await events.ReadLineAsync(TestContext.Current.CancellationToken);
        while (line is "");
        return JsonDocument.Parse(line!["data: ".Length..]).RootElement.GetProperty("waiting").GetInt32();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
