using System.Globalization;
using System.Text.Json.Nodes;
using Essaim.Edge;
using Essaim.Edge.Tests;
using Essaim.Server;
using Essaim.Server.Tests;
using Microsoft.Playwright;

namespace Essaim.Web.Tests;

/// <summary>A real core, a real broker on the files the core writes, real agents, and windows of a browser on the core's pages.</summary>
internal sealed class WebNight : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("essaim-web-");
    private readonly List<RunningSlot> _slots = [];
    private readonly List<IBrowserContext> _windows = [];
    private readonly Chromium _chromium;

    private WebNight(Chromium chromium) => _chromium = chromium;

    public Mosquitto? Broker { get; private set; }

    public ServerHarness Core { get; private set; } = null!;

    /// <summary>What a page complained of: errors of scripts, breaches of its policy.</summary>
    public List<string> Complaints { get; } = [];

    public static async Task<WebNight> StartAsync(Chromium chromium, int expected = 3, bool hasBroker = true)
    {
        WebNight night = new(chromium);
        string folder = night._folder.FullName;
        int port = Mosquitto.FreePort();
        Action<ServerOptions> configure = options => options.Url = $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
        if (hasBroker)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "passwords"), "", ServerHarness.Stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "rights"), "", ServerHarness.Stop);
            night.Broker = await Mosquitto.StartAsync(
                "allow_anonymous false", _ => $"password_file {folder}/passwords\nacl_file {folder}/rights\nuse_username_as_clientid true\npid_file {folder}/pid");
            configure += options => options.Edge = new EdgeOptions
            {
                Port = night.Broker.Port,
                BrokerFolder = folder,
                BrokerPidFile = Path.Combine(folder, "pid"),
                ExpectedVotes = expected,
            };
        }

        night.Core = await ServerHarness.StartAsync(configure);
        if (hasBroker)
            await night.Core.UntilAsync("/v1/devices", answer => (bool)answer.Json["linked"]!);
        return night;
    }

    public string Url(string path) => Core.Server.Url + path;

    /// <summary>Registers a device by the API and starts its agent.</summary>
    public async Task<RunningSlot> AddSlotAsync(string id, string? label = null)
    {
        RunningSlot slot = StartSlot(id, await AddDeviceAsync(id, label));
        await Core.UntilAsync("/v1/devices", answer => answer.Json["devices"]!.AsArray().Any(device => (string)device!["id"]! == id && (string)device["status"]! == "online"));
        return slot;
    }

    public async Task<string> AddDeviceAsync(string id, string? label = null)
    {
        JsonObject body = new() { ["id"] = id };
        if (label is not null)
            body["label"] = label;
        return (string)(await Core.PostAsync("/v1/devices", body.ToJsonString())).Json["password"]!;
    }

    public RunningSlot StartSlot(string id, string password)
    {
        RunningSlot slot = new(Broker!.Options(id) with { UserName = id, Password = password }, new MemoryDisk(), id: id);
        _slots.Add(slot);
        return slot;
    }

    public async Task StopAsync(RunningSlot slot)
    {
        _slots.Remove(slot);
        await slot.DisposeAsync();
    }

    /// <summary>A button is pressed while a round is open, and the core answers.</summary>
    public static async Task VoteAsync(RunningSlot slot, string choice)
    {
        await slot.UntilAsync(status => status is { Round.State: RoundState.Open, Waiting: 0, IsLinked: true });
        slot.Agent.Press(choice);
        await slot.UntilAsync(status => status is { Waiting: 0, Recent: [{ Verdict: not null }, ..] });
    }

    /// <summary>A vote that was on its way while its round closed.</summary>
    public async Task VoteLateAsync(string id, long round)
    {
        string password = await AddDeviceAsync(id);
        await using RunningClient late = await RunningClient.ConnectAsync(Broker!.Options(id) with { UserName = id, Password = password });
        await late.PublishAsync($"edge/v1/slot/{id}/up/event", $$"""{"v":1,"e":"late","s":1,"k":"vote","round":"{{round}}","choice":"blue"}""");
        await Core.UntilAsync($"/v1/rounds/{round}", answer => answer.Json["votes"]!.AsArray().Any(vote => (string)vote!["verdict"]! == "late"));
    }

    /// <summary>Waits until a page is there with its scripts.</summary>
    public async Task ArriveAsync(IPage page, string path) =>
        await page.WaitForFunctionAsync("address => location.href === address && document.readyState === 'complete'", Url(path));

    /// <summary>Opens a page of the core, signed in.</summary>
    public async Task<IPage> OpenAsync(string path = "/edge", BrowserNewContextOptions? options = null)
    {
        IPage page = await NewPageAsync(options);
        await page.GotoAsync(Url("/sign-in?then=" + Uri.EscapeDataString(path)));
        await SignInAsync(page);
        await ArriveAsync(page, path);
        return page;
    }

    public async Task SignInAsync(IPage page)
    {
        await page.Locator("#key").FillAsync((await File.ReadAllTextAsync(Core.Server.AdminKeyFile, ServerHarness.Stop)).Trim());
        await page.Locator("#key").PressAsync("Enter");
    }

    public async Task<IPage> NewPageAsync(BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.Locale ??= "en-GB";
        IBrowserContext window = await _chromium.Browser.NewContextAsync(options);
        _windows.Add(window);
        IPage page = await window.NewPageAsync();
        page.SetDefaultTimeout(30_000);
        page.PageError += (_, error) => Complaints.Add(error);
        page.Console += (_, message) =>
        {
            // A core that is away is no mistake of the page.
            if (message.Type is "error" or "warning" && !message.Text.Contains("net::ERR", StringComparison.Ordinal) && !message.Text.Contains("the server responded with", StringComparison.Ordinal) && !message.Text.Contains("htmx:sse:error", StringComparison.Ordinal))
                Complaints.Add(message.Text);
        };
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IBrowserContext window in _windows)
            await window.DisposeAsync();
        foreach (RunningSlot slot in _slots)
            await slot.DisposeAsync();
        await Core.DisposeAsync();
        if (Broker is not null)
            await Broker.DisposeAsync();
        _folder.Delete(recursive: true);
        Assert.Empty(Complaints);
    }

}
