using System.Text.RegularExpressions;
using Essaim.Cli.Tests;
using Essaim.Edge.Tests;
using Essaim.Server.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Essaim.Web.Tests;

/// <summary>What a page does while the core, the broker or the link is away.</summary>
public sealed class RecoveryTests(Chromium chromium)
{
    private static readonly LocatorAssertionsToHaveTextOptions s_patient = new() { Timeout = 60_000 };

    [BrowserFact]
    public async Task Core_KilledAndStartedAnew_ThePageIsBackByItself()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        using TemporaryFolder folder = new();
        string url = $"http://127.0.0.1:{Mosquitto.FreePort()}";
        string[] command = ["up", "--url", url, "--no-worker"];
        await using CliRun first = CliRun.Start(folder.Path, command);
        await first.WaitForErrorsAsync("Ctrl-C stops it.");
        IPage page = await night.NewPageAsync();
        await page.GotoAsync(url + "/sign-in?then=/edge%3Fsearch=nobody");
        await page.Locator("#key").FillAsync((await File.ReadAllTextAsync(folder[".essaim/admin.key"], ServerHarness.Stop)).Trim());
        await page.Locator("#key").PressAsync("Enter");
        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();
        await page.EvaluateAsync("window.mark = 'the same page'");

        await first.SignalAsync("KILL");
        await first.EndAsync();
        await Expect(page.Locator("#live-text")).ToHaveTextAsync(new Regex("^No link since \\d+\u00a0s$"), s_patient);
        await Expect(page.Locator("body")).ToHaveClassAsync("stale");
        await Axe.AssertAsync(page);
        await using CliRun second = CliRun.Start(folder.Path, command);
        await second.WaitForErrorsAsync("Ctrl-C stops it.");

        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 60_000 });
        await Expect(page.Locator("body")).Not.ToHaveClassAsync("stale");
        Assert.Equal((url + "/edge?search=nobody", "the same page"), (page.Url, await page.EvaluateAsync<string>("window.mark")));
        // It is live, not only connected.
        using HttpClient http = new() { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Add("X-Api-Key", (await File.ReadAllTextAsync(folder[".essaim/admin.key"], ServerHarness.Stop)).Trim());
        await http.PostAsync("/v1/rounds", null, ServerHarness.Stop);
        await Expect(page.Locator("#round-title")).ToHaveTextAsync("Round 1");
    }

    [BrowserFact]
    public async Task Core_Frozen_ThePageSaysSinceWhen()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        using TemporaryFolder folder = new();
        await using CliRun up = CliRun.Start(folder.Path, "up", "--url", "http://127.0.0.1:0", "--no-worker");
        await up.WaitForErrorsAsync("Ctrl-C stops it.");
        IPage page = await night.NewPageAsync();
        await page.GotoAsync(up.Errors.Split('\n')[0]["Essaim is up at ".Length..] + "/edge");
        await page.Locator("#key").FillAsync((await File.ReadAllTextAsync(folder[".essaim/admin.key"], ServerHarness.Stop)).Trim());
        await page.Locator("#key").PressAsync("Enter");
        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();

        await up.SignalAsync("STOP");
        await Expect(page.Locator("#live-text")).ToHaveTextAsync(new Regex("^No link since \\d+\u00a0s$"), s_patient);
        await up.SignalAsync("CONT");

        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 60_000 });
    }

    [BrowserFact]
    public async Task Broker_Away_ThePageSaysSo_AndThatItIsBack()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        await night.AddSlotAsync("slot-01");
        IPage page = await night.OpenAsync();
        await Expect(page.Locator("#device-slot-01 .chip")).ToHaveTextAsync("Online");

        await night.Broker!.KillAsync();
        await Expect(page.Locator("#broker h2")).ToHaveTextAsync("The broker of devices cannot be reached");
        await Expect(page.Locator("#device-slot-01 .chip")).ToHaveTextAsync("Checking");
        await night.Broker.StartAgainAsync();

        await Expect(page.Locator("#device-slot-01 .chip")).ToHaveTextAsync("Online", s_patient);
        await Expect(page.Locator("#broker h2")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Session_Ended_TheOpenPageAsksForTheKeyAndComesBack()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        IPage page = await night.OpenAsync("/edge?search=x");
        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();
        File.Delete(night.Core.Server.AdminKeyFile);

        await night.Core.RestartAsync();

        await Expect(page.Locator("#key")).ToBeVisibleAsync();
        await night.SignInAsync(page);
        await night.ArriveAsync(page, "/edge?search=x");
    }

    [BrowserFact]
    public async Task Paused_NothingMoves_ThenAllOfIt()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        IPage page = await night.OpenAsync();
        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();
        await page.Locator("#pause").ClickAsync();
        await Expect(page.Locator("#live-text")).ToHaveTextAsync("Paused");

        await night.Core.PostAsync("/v1/rounds");
        // Another window shows that the news has gone out.
        IPage other = await night.OpenAsync();
        await Expect(other.Locator("#round-title")).ToHaveTextAsync("Round 1");
        await Expect(page.Locator("#round-title")).ToHaveTextAsync("Current round");
        await page.Locator("#pause").ClickAsync();

        await Expect(page.Locator("#round-title")).ToHaveTextAsync("Round 1");
        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();
    }
}
