using System.Text.RegularExpressions;
using Essaim.Edge.Tests;
using Essaim.Server.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Essaim.Web.Tests;

/// <summary>An operator's night, in a real browser, with a real broker and real agents.</summary>
public sealed class RoundPageTests(Chromium chromium)
{
    [BrowserFact]
    public async Task Round_OpenedOnThePage_FillsLiveAndClosesByItself()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        RunningSlot north = await night.AddSlotAsync("slot-01", "North gate");
        RunningSlot south = await night.AddSlotAsync("slot-02", "South gate");
        IPage page = await night.OpenAsync();
        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();
        await Expect(page.Locator("#count-edge")).ToHaveTextAsync("2/2");

        await page.Locator("#open-round").ClickAsync();
        await Expect(page.Locator("#expected")).ToHaveValueAsync("3");
        await page.Locator("#question").FillAsync("Who took the key?");
        await page.Locator("dialog .primary").ClickAsync();

        await Expect(page.Locator("dialog")).ToBeHiddenAsync();
        await Expect(page.Locator("#notice")).ToHaveTextAsync("Round 1 is open");
        await Expect(page.Locator("#round .question")).ToHaveTextAsync("Who took the key?");
        await Expect(page.Locator("#round .figure strong")).ToHaveTextAsync("0");
        await WebNight.VoteAsync(north, "red");
        await Expect(page.Locator("#round .figure strong")).ToHaveTextAsync("1");
        await Expect(page.Locator("#device-slot-01")).ToContainTextAsync("red");
        await WebNight.VoteAsync(south, "blue");
        await WebNight.VoteAsync(north, "red");
        await Expect(page.Locator("#round .figure strong")).ToHaveTextAsync("3");
        await Expect(page.Locator("#round .chip").First).ToHaveTextAsync("Complete");
        await Expect(page.Locator("#round .tally")).ToHaveTextAsync(new Regex(@"^\s*red 2\s*blue 1\s*$"));
        await Expect(page.Locator("#device-slot-01")).ToContainTextAsync("red ×2");
        await Expect(page.Locator("#last-rounds-1 .chip")).ToHaveTextAsync("Complete");

        // One more is late: counted nowhere, shown all the same.
        await night.VoteLateAsync("slot-03", 1);
        await Expect(page.Locator("#round")).ToContainTextAsync("1 late");
        await page.GetByText("All its votes").ClickAsync();
        await Expect(page.Locator("#votes tbody tr")).ToHaveCountAsync(4);
        await Expect(page.Locator("#votes tbody tr").Last).ToContainTextAsync("Late");
        IDownload csv = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Download as CSV").ClickAsync());
        Assert.Equal("round-1.csv", csv.SuggestedFilename);
        string[] lines = await File.ReadAllLinesAsync(await csv.PathAsync(), ServerHarness.Stop);
        Assert.Equal((5, "late"), (lines.Length, lines[^1].Split(',')[5]));
        Assert.Equal(["round.open"], await AuditAsync(night));
    }

    [BrowserFact]
    public async Task Round_ClosedEarlyAndVoid_SaysWhoAndWhy()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        RunningSlot slot = await night.AddSlotAsync("slot-01");
        await night.Core.PostAsync("/v1/rounds");
        IPage page = await night.OpenAsync();
        await WebNight.VoteAsync(slot, "red");
        await Expect(page.Locator("#round .figure strong")).ToHaveTextAsync("1");

        await page.Locator("#close-round").ClickAsync();
        await Expect(page.Locator("#dialog-title")).ToHaveTextAsync("Close round 1 with 1 of 3 votes?");
        await page.Locator("dialog button.primary").ClickAsync();
        await Expect(page.Locator("#round .chip").First).ToHaveTextAsync("Closed early");

        await page.Locator("#last-rounds-1 a").ClickAsync();
        await page.Locator("#void-round").ClickAsync();
        await Expect(page.Locator("#dialog-title")).ToHaveTextAsync("Declare round 1 void, with its 1 votes?");
        // The browser holds an empty reason back, and the core does, too.
        await page.Locator("#reason").EvaluateAsync("input => input.required = false");
        await page.Locator("dialog button.danger").ClickAsync();
        await Expect(page.Locator("dialog [role=alert]")).ToHaveTextAsync("Say why, so that others understand it later.");
        await page.Locator("#reason").FillAsync("<b>Rehearsal</b> & \"more\"");
        await page.Locator("dialog button.danger").ClickAsync();

        await Expect(page.Locator("#round .reason")).ToHaveTextAsync("Void: <b>Rehearsal</b> & \"more\"");
        await Expect(page.Locator("#round .chip").First).ToHaveTextAsync("Void");
        await Expect(page.Locator("#void-round")).ToHaveCountAsync(0);
        Assert.Equal(["round.void", "round.close"], (await AuditAsync(night))[..2]);
        await page.Locator("nav a[href='/audit']").ClickAsync();
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("round.void");
    }

    [BrowserFact]
    public async Task Round_ChangedByAnother_IsSaidInsteadOfDone()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        await night.Core.PostAsync("/v1/rounds");
        IPage page = await night.OpenAsync();
        await page.Locator("#close-round").ClickAsync();
        await Expect(page.Locator("dialog button.primary")).ToBeVisibleAsync();
        await night.Core.PostAsync("/v1/rounds/1/close");

        await page.Locator("dialog button.primary").ClickAsync();

        await Expect(page.Locator("#dialog-title")).ToHaveTextAsync("Round 1 is no longer in that state");
        await page.Locator("dialog [data-close]").ClickAsync();
        await Expect(page.Locator("dialog")).ToBeHiddenAsync();
        // Two who open at once: one round is open, and the other is told.
        await page.Locator("#open-round").ClickAsync();
        await Expect(page.Locator("#expected")).ToBeVisibleAsync();
        await night.Core.PostAsync("/v1/rounds");
        await page.Locator("dialog button.primary").ClickAsync();
        await Expect(page.Locator("dialog [role=alert]")).ToHaveTextAsync("A round is open already. Close it, declare it void, or wait for its votes.");
        await page.Locator("#expected").FillAsync("0");
        await page.Locator("#expected").EvaluateAsync("input => input.min = '0'");
        await page.Locator("dialog button.primary").ClickAsync();
        await Expect(page.Locator("dialog [role=alert]")).ToHaveTextAsync("The expected votes must be a whole number from 1 to 100,000.");
    }

    [BrowserFact]
    public async Task Rounds_OfALongTime_ArePagesWithAddresses()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        for (int i = 1; i <= 52; i++)
        {
            await night.Core.PostAsync("/v1/rounds");
            await night.Core.PostAsync($"/v1/rounds/{i}/close");
        }

        IPage page = await night.OpenAsync("/edge/rounds");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(50);
        await page.GetByText("Older rounds").ClickAsync();
        await night.ArriveAsync(page, "/edge/rounds?before=3");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.GetByText("Older rounds")).ToHaveCountAsync(0);
        await page.GetByText("Newest rounds").ClickAsync();
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("Round 52");
    }

    [BrowserFact]
    public async Task Everything_WithoutScripts_WorksByFormsAndLinks()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        IPage page = await night.OpenAsync(options: new BrowserNewContextOptions { JavaScriptEnabled = false });
        await page.Locator("#open-round").ClickAsync();
        await page.Locator("#question").FillAsync("Who?");
        await page.Locator(".ask button.primary").ClickAsync();
        await night.ArriveAsync(page, "/edge");
        await Expect(page.Locator("#round .question")).ToHaveTextAsync("Who?");
        await page.Locator("#void-round").ClickAsync();
        await page.Locator("#reason").FillAsync("Rehearsal");
        await page.Locator(".ask button.danger").ClickAsync();
        await night.ArriveAsync(page, "/edge/rounds/1");
        await Expect(page.Locator("#round .reason")).ToHaveTextAsync("Void: Rehearsal");
    }

    [BrowserFact]
    public async Task Wall_ShowsTheRoundAndItsDevices()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        RunningSlot slot = await night.AddSlotAsync("slot-01", "North gate");
        IPage page = await night.OpenAsync("/edge/wall");
        await Expect(page.Locator("h1")).ToContainTextAsync("No round has been opened yet.");

        await night.Core.PostAsync("/v1/rounds", """{"question":"Who?"}""");
        await WebNight.VoteAsync(slot, "red");

        await Expect(page.Locator("h1")).ToHaveTextAsync("Who?");
        await Expect(page.Locator(".figure strong")).ToHaveTextAsync("1");
        await Expect(page.Locator(".tiles li")).ToContainTextAsync("red");
    }

    private static async Task<string[]> AuditAsync(WebNight night) =>
        [.. (await night.Core.GetAsync("/v1/audit")).Json["entries"]!.AsArray().Select(entry => (string)entry!["action"]!).Where(action => action.StartsWith("round.", StringComparison.Ordinal))];
}
