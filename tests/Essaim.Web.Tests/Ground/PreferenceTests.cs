using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Essaim.Web.Tests;

public sealed class PreferenceTests(Chromium chromium)
{
    [BrowserFact]
    public async Task Language_FollowsTheBrowser_ThenTheChoice()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        IPage page = await night.OpenAsync(options: new BrowserNewContextOptions { Locale = "fr-FR" });
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "fr");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Appareils");
        await Expect(page.Locator("#live-text")).ToContainTextAsync("En direct");
        await page.Locator("#open-round").ClickAsync();
        await page.Locator("#question").FillAsync("Qui ?");
        await page.Locator("dialog button.primary").ClickAsync();
        await Expect(page.Locator("#notice")).ToHaveTextAsync("Le tour 1 est ouvert");
        await Expect(page.Locator("#round-title")).ToHaveTextAsync("Tour 1");
        await Expect(page.Locator("#round time").First).ToContainTextAsync("il y a");

        await page.GetByTitle("English").ClickAsync();

        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Devices");
        await page.ReloadAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Devices");
    }

    [BrowserFact]
    public async Task Theme_FollowsTheSystem_ThenTheChoice()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        IPage page = await night.OpenAsync(options: new BrowserNewContextOptions { ColorScheme = ColorScheme.Dark });
        Assert.Equal("rgb(14, 19, 26)", await GroundAsync(page));

        await page.Locator("[popovertarget=themes]").ClickAsync();
        await page.Locator("#themes button[value=light]").ClickAsync();

        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        Assert.Equal("rgb(245, 246, 249)", await GroundAsync(page));
        await page.Locator("[popovertarget=themes]").ClickAsync();
        await Expect(page.Locator("#themes button[value=light]")).ToHaveAttributeAsync("aria-pressed", "true");
    }

    [BrowserFact]
    public async Task Phone_NothingIsCutAndEverythingIsLargeEnough()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        await night.AddDeviceAsync("slot-01", "A gate with quite a long name indeed");
        await night.Core.PostAsync("/v1/rounds", """{"question":"A question that is long enough to need more than the width of a small telephone"}""");
        IPage page = await night.OpenAsync(options: new BrowserNewContextOptions { Locale = "fr-FR", ViewportSize = new ViewportSize { Width = 360, Height = 780 }, HasTouch = true, IsMobile = true });
        foreach (string path in (string[])["/edge", "/edge/rounds", "/edge/rounds/1", "/edge/devices/slot-01", "/audit", "/edge/add-device", "/edge/wall", "/sign-in"])
        {
            await page.GotoAsync(night.Url(path));
            Assert.Equal((path, 360), (path, await page.EvaluateAsync<int>("document.documentElement.scrollWidth")));
            string[] small = await page.EvaluateAsync<string[]>(
                """
                () => [...document.querySelectorAll('button, a, input:not([type=hidden]), select')].filter(e => e.checkVisibility() && !e.matches('.skip, .brand'))
                  .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))
                """);
            Assert.Equal((path, ""), (path, string.Join('\n', small)));
        }
    }

    private static Task<string> GroundAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
