using Essaim.Server.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Essaim.Web.Tests;

/// <summary>Everything by keys alone, and what letters do.</summary>
public sealed class KeyboardTests(Chromium chromium)
{
    [BrowserFact]
    public async Task Night_ByKeysAlone_IsPlayed()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        await night.AddDeviceAsync("slot-01");
        await night.AddDeviceAsync("slot-02");
        IPage page = await night.NewPageAsync();
        await page.GotoAsync(night.Url("/edge"));
        // The field has the focus already.
        await page.Keyboard.InsertTextAsync((await File.ReadAllTextAsync(night.Core.Server.AdminKeyFile, ServerHarness.Stop)).Trim());
        await page.Keyboard.PressAsync("Enter");
        await night.ArriveAsync(page, "/edge");
        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("n");
        await Expect(page.Locator("#question")).ToBeFocusedAsync();
        // Letters in a field are letters.
        await page.Keyboard.TypeAsync("gape?");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#round .question")).ToHaveTextAsync("gape?");
        await FocusAsync(page, "#void-round");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#reason")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#void-round")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#reason")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Rehearsal");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#round .reason")).ToHaveTextAsync("Void: Rehearsal");
        // The news may come before the answer to the form.
        await Expect(page.Locator("dialog")).ToBeHiddenAsync();

        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("a");
        await night.ArriveAsync(page, "/audit");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("e");
        await night.ArriveAsync(page, "/edge");
        await page.Keyboard.PressAsync("k");
        await Expect(page.Locator("#device-slot-02 a")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("k");
        await page.Keyboard.PressAsync("Enter");
        await night.ArriveAsync(page, "/edge/devices/slot-01");
    }

    [BrowserFact]
    public async Task Focus_WhileThePageMoves_Stays()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        await night.AddDeviceAsync("slot-05");
        await night.Core.PostAsync("/v1/rounds");
        IPage page = await night.OpenAsync();
        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();
        await FocusAsync(page, "#device-slot-05 a");

        await night.AddDeviceAsync("slot-01");
        await Expect(page.Locator("#devices tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator("#device-slot-05 a")).ToBeFocusedAsync();
        await FocusAsync(page, "#void-round");
        await night.Core.PostAsync("/v1/rounds/1/close");
        await Expect(page.Locator("#round .chip").First).ToHaveTextAsync("Closed early");
        // What was chosen is gone with the round; nothing else took its place by surprise.
        await Expect(page.Locator("#void-round")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Sheet_TurnsLettersOff()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        IPage page = await night.OpenAsync();
        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("#keys")).ToBeVisibleAsync();

        await page.GetByText("Turn single letters off").ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-keys", "off");
        await page.Keyboard.PressAsync("p");
        await page.Keyboard.PressAsync("n");
        await page.Keyboard.PressAsync("?");

        await Expect(page.Locator("#keys")).ToBeVisibleAsync();
        await Expect(page.Locator("#pause")).ToHaveAttributeAsync("aria-pressed", "false");
        await Expect(page.Locator("dialog")).ToBeHiddenAsync();
    }

    /// <summary>Goes there with the tabulator, as somebody without a mouse does.</summary>
    private static async Task FocusAsync(IPage page, string selector)
    {
        for (int i = 0; i < 60; i++)
        {
            if (await page.EvaluateAsync<bool>("selector => document.activeElement?.matches(selector) === true", selector))
                return;
            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"'{selector}' cannot be reached with the tabulator.");
    }
}
