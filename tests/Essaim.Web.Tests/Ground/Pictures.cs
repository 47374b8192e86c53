using Essaim.Edge.Tests;
using Microsoft.Playwright;

namespace Essaim.Web.Tests;

/// <summary>Pages as PNG files, for people to look at: <c>ESSAIM_PICTURES=FOLDER … -explicit only -method '*Pictures*'</c>.</summary>
public sealed class Pictures(Chromium chromium)
{
    [Fact(Explicit = true)]
    public async Task Pages_AreDrawn()
    {
        string folder = Environment.GetEnvironmentVariable("ESSAIM_PICTURES") ?? throw new InvalidOperationException("Set ESSAIM_PICTURES to a folder.");
        await using (WebNight bare = await WebNight.StartAsync(chromium, hasBroker: false))
        {
            IPage page = await bare.OpenAsync(options: Window("light", "en-GB", 1440, 900));
            await DrawAsync(page, folder, "edge-no-broker");
            await page.GotoAsync(bare.Url("/nothing"));
            await DrawAsync(page, folder, "error");
            page = await bare.NewPageAsync(Window("light", "en-GB", 1440, 900));
            await page.GotoAsync(bare.Url("/sign-in"));
            await DrawAsync(page, folder, "sign-in");
        }

        await using WebNight night = await WebNight.StartAsync(chromium, expected: 9);
        string[] names = ["North gate", "South gate", "Library", "Cellar", "Attic", "Kitchen"];
        List<RunningSlot> slots = [];
        for (int i = 0; i < names.Length; i++)
            slots.Add(await night.AddSlotAsync($"slot-0{i + 1}", names[i]));
        await night.AddDeviceAsync("slot-07", "Garden");
        for (int round = 1; round <= 3; round++)
        {
            await night.Core.PostAsync("/v1/rounds", """{"expected":4,"question":"Who took the key of the cellar?"}""");
            foreach (RunningSlot slot in slots.Take(4))
            {
                await slot.UntilAsync(status => status.Round is { State: Essaim.Edge.RoundState.Open });
                slot.Agent.Press(round == 2 ? "red" : "blue");
            }

            await night.Core.UntilAsync($"/v1/rounds/{round}", answer => (string)answer.Json["round"]!["state"]! == "closed");
        }

        await night.Core.PostAsync("/v1/rounds/3/void", """{"reason":"The lights went out"}""");
        await night.Core.PostAsync("/v1/rounds", """{"question":"Whom do you accuse tonight?"}""");
        for (int i = 0; i < 5; i++)
        {
            await slots[i].UntilAsync(status => status.Round is { State: Essaim.Edge.RoundState.Open, Votes: var votes } && votes == i);
            slots[i].Agent.Press(i % 2 == 0 ? "red" : "blue");
        }

        await night.Core.UntilAsync("/v1/rounds/4", answer => (int)answer.Json["round"]!["votes"]! == 5);
        await night.StopAsync(slots[5]);
        foreach ((string theme, string language, int width, int height, string name) in ((string, string, int, int, string)[])
            [("light", "en-GB", 1440, 900, "light"), ("dark", "en-GB", 1440, 900, "dark"), ("light", "fr-FR", 1440, 900, "french"), ("light", "fr-FR", 390, 844, "phone"), ("dark", "en-GB", 800, 1000, "tablet")])
        {
            IPage page = await night.OpenAsync(options: Window(theme, language, width, height));
            await page.Locator("#live[data-state=on]").WaitForAsync();
            await DrawAsync(page, folder, "edge-" + name);
            await page.Locator("#void-round").ClickAsync();
            await page.Locator("dialog[open]").WaitForAsync();
            await DrawAsync(page, folder, "void-" + name);
            foreach ((string path, string file) in ((string, string)[])[("/edge/rounds/4", "round"), ("/edge/rounds", "rounds"), ("/edge/devices/slot-01", "device"), ("/audit", "audit"), ("/edge/wall", "wall"), ("/edge?search=zzz", "filter")])
            {
                await page.GotoAsync(night.Url(path));
                await DrawAsync(page, folder, $"{file}-{name}");
            }

            await page.GotoAsync(night.Url("/edge"));
            await page.Locator("[popovertarget=keys]").First.EvaluateAsync("button => button.click()");
            await DrawAsync(page, folder, "keys-" + name);
        }
    }

    private static BrowserNewContextOptions Window(string theme, string language, int width, int height) => new()
    {
        ColorScheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
        Locale = language,
        ViewportSize = new ViewportSize { Width = width, Height = height },
        HasTouch = width < 500,
        IsMobile = width < 500,
    };

    private static async Task DrawAsync(IPage page, string folder, string name) => await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = false });
}
