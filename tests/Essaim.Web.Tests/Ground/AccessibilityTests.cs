using Essaim.Cli.Tests;
using Essaim.Edge.Tests;
using Microsoft.Playwright;

namespace Essaim.Web.Tests;

/// <summary>Every page, in both themes and languages, on a desk and on a phone: axe finds nothing.</summary>
public sealed class AccessibilityTests(Chromium chromium)
{
    [BrowserTheory]
    [InlineData("light", "en-GB", 1440)]
    [InlineData("dark", "en-GB", 390)]
    [InlineData("dark", "fr-FR", 1440)]
    [InlineData("light", "fr-FR", 390)]
    public async Task Pages_WithAndWithoutData_HaveNoViolation(string theme, string language, int width)
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        IPage page = await night.OpenAsync(options: new BrowserNewContextOptions
        {
            ColorScheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
            Locale = language,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            HasTouch = width < 500,
            IsMobile = width < 500,
        });
        List<string> found = [];
        await LookAsync("empty", "/edge");
        await LookAsync("no rounds", "/edge/rounds");
        await LookAsync("no audit", "/audit");
        RunningSlot slot = await night.AddSlotAsync("slot-01", "North gate");
        await night.AddDeviceAsync("slot-02");
        await night.Core.PostAsync("/v1/rounds", """{"expected":1,"question":"Who?"}""");
        await WebNight.VoteAsync(slot, "red");
        await night.VoteLateAsync("slot-03", 1);
        await night.Core.PostAsync("/v1/rounds", """{"expected":2}""");
        await night.Core.PostAsync("/v1/rounds/2/void", """{"reason":"Rehearsal"}""");
        await night.Core.PostAsync("/v1/rounds", """{"expected":2,"question":"Who now?"}""");

        foreach (string path in (string[])["/edge", "/edge?search=nobody", "/edge/rounds", "/edge/rounds/1", "/edge/rounds/2", "/edge/rounds/open", "/edge/rounds/3/close", "/edge/rounds/3/void", "/edge/rounds/1/close",
            "/edge/devices/slot-01", "/edge/devices/slot-02/command/reboot", "/edge/devices/slot-02/revoke", "/edge/add-device", "/edge/wall", "/audit", "/edge/rounds/99", "/nothing"])
            await LookAsync(path, path);
        await page.GotoAsync(night.Url("/edge"));
        await page.Locator("#void-round").ClickAsync();
        await page.Locator("dialog[open]").WaitForAsync();
        await LookAsync("dialog", null);
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("?");
        await page.Locator("#keys:popover-open").WaitForAsync();
        await LookAsync("keys", null);
        // A page whose stream finds the session gone goes to the sign-in by itself; here the test goes there.
        await page.GotoAsync("about:blank");
        await page.Context.ClearCookiesAsync();
        await LookAsync("sign-in", "/sign-in");
        await page.Locator("#key").FillAsync("wrong");
        await page.Locator("#key").PressAsync("Enter");
        await page.Locator("[role=alert]").WaitForAsync();
        await LookAsync("sign-in, wrong", null);

        Assert.True(found.Count == 0, string.Join('\n', found));

        async Task LookAsync(string what, string? path)
        {
            if (path is not null)
                await page.GotoAsync(night.Url(path));
            found.AddRange((await Axe.FindAsync(page)).Select(violation => $"{what}: {violation}"));
        }
    }

    [BrowserTheory]
    [InlineData("light", "en-GB")]
    [InlineData("dark", "fr-FR")]
    public async Task SlotPage_HasNoViolation(string theme, string language)
    {
        using TemporaryFolder folder = new();
        await using CliRun slot = CliRun.Start(folder.Path, "slot", "--core", "127.0.0.1", "--core-port", "1", "--id", "a", "--gpio", "none", "--port", "0");
        await slot.WaitForErrorsAsync("Its page is at");
        string url = slot.Errors[slot.Errors.IndexOf("http://", StringComparison.Ordinal)..].Split('\n', ' ')[0].TrimEnd('.', ',');
        await using IBrowserContext window = await chromium.Browser.NewContextAsync(
            new BrowserNewContextOptions { ColorScheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light, Locale = language, ViewportSize = new ViewportSize { Width = 800, Height = 480 } });
        IPage page = await window.NewPageAsync();
        await page.GotoAsync(url);
        await page.Locator("#votes button").First.ClickAsync();
        await page.Locator("#recent li").First.WaitForAsync();

        await Axe.AssertAsync(page);
    }
}
