using Essaim.Edge.Tests;
using Essaim.Server.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Essaim.Web.Tests;

public sealed class DevicePageTests(Chromium chromium)
{
    [BrowserFact]
    public async Task Device_AddedOnThePage_ConnectsWithThePasswordShownOnce()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        IPage page = await night.OpenAsync();
        await Expect(page.Locator("#devices")).ToContainTextAsync("No device is registered yet, so nobody can vote.");

        await page.Locator("#add-device").ClickAsync();
        await page.Locator("#device-id").FillAsync("core");
        await page.Locator("dialog button.primary").ClickAsync();
        await Expect(page.Locator("dialog [role=alert]")).ToHaveTextAsync("The id must be 1 to 32 of a–z, 0–9 and -, and not “core”.");
        await page.Locator("#device-id").FillAsync("slot-01");
        await page.Locator("#device-label").FillAsync("North gate");
        await page.Locator("dialog button.primary").ClickAsync();
        await Expect(page.Locator("#dialog-title")).ToHaveTextAsync("Device slot-01 is registered");
        string[] lines = (await page.Locator("#secret").InnerTextAsync()).Split('\n');
        Assert.Equal("SLOT_ID=slot-01", lines[0]);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#secret")).ToHaveCountAsync(0);

        night.StartSlot("slot-01", lines[1]["SLOT_PASSWORD=".Length..]);
        await Expect(page.Locator("#device-slot-01 .chip")).ToHaveTextAsync("Online");
        await Expect(page.Locator("#device-slot-01")).ToContainTextAsync("North gate");
        await Expect(page.Locator("#device-slot-01")).ToContainTextAsync("1.0.0");
        await page.Locator("#add-device").ClickAsync();
        await page.Locator("#device-id").FillAsync("slot-01");
        await page.Locator("dialog button.primary").ClickAsync();
        await Expect(page.Locator("dialog [role=alert]")).ToContainTextAsync("There is a device “slot-01” already.");
    }

    [BrowserFact]
    public async Task Device_ToldAndConfigured_Obeys()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        RunningSlot slot = await night.AddSlotAsync("slot-01");
        IPage page = await night.OpenAsync("/edge/devices/slot-01");
        await Expect(page.Locator("#facts .chip").First).ToHaveTextAsync("Online");

        await page.Locator("#config-label").FillAsync("Nord « 1 »");
        await page.Locator("#config-language").SelectOptionAsync("fr");
        await page.GetByText("Send to the device").ClickAsync();
        await slot.UntilAsync(status => status.Label == "Nord « 1 »" && status.Language == "fr");
        await Expect(page.Locator("#facts")).ToContainTextAsync("v1");
        await Expect(page.Locator("#config-label")).ToHaveValueAsync("Nord « 1 »");

        await page.Locator("#command-identify").ClickAsync();
        await Expect(page.Locator("#dialog-title")).ToHaveTextAsync("Let slot-01 blink?");
        await page.Locator("dialog button.primary").ClickAsync();
        await Expect(page.Locator("#notice")).ToHaveTextAsync("slot-01 was told");
        await page.Locator("#command-reboot").ClickAsync();
        await page.Locator("dialog button.danger").ClickAsync();
        while (slot.Machine.Reboots == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ServerHarness.Stop);
        Assert.Equal(1, slot.Machine.Reboots);
    }

    [BrowserFact]
    public async Task Device_Revoked_IsGoneFromThePageAndTheBroker()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        RunningSlot slot = await night.AddSlotAsync("slot-01");
        await slot.UntilAsync(status => status.IsLinked);
        IPage page = await night.OpenAsync("/edge/devices/slot-01");

        await page.Locator("#revoke").ClickAsync();
        await Expect(page.Locator("#dialog-title")).ToHaveTextAsync("Revoke device slot-01?");
        await page.Locator("dialog button.danger").ClickAsync();

        await night.ArriveAsync(page, "/edge");
        await Expect(page.Locator("#devices")).ToContainTextAsync("No device is registered yet");
        await slot.UntilAsync(status => status.LinkError?.Contains("not authorized", StringComparison.Ordinal) == true);
        await page.GotoAsync(night.Url("/edge/devices/slot-01"));
        await Expect(page.Locator("h1")).ToHaveTextAsync("There is no such device");
    }

    [BrowserFact]
    public async Task Presence_IsToldApart_AndFiltered()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        RunningSlot polite = await night.AddSlotAsync("slot-01", "North gate");
        await night.AddSlotAsync("slot-02", "South gate");
        await night.AddDeviceAsync("slot-03");
        IPage page = await night.OpenAsync();
        await Expect(page.Locator("#device-slot-03 .chip")).ToHaveTextAsync("Checking");

        await night.StopAsync(polite);

        await Expect(page.Locator("#device-slot-01 .chip")).ToHaveTextAsync("Disconnected · shut down");
        await Expect(page.Locator("#count-edge")).ToHaveTextAsync("1/3");
        await Expect(page.Locator("#device-slot-03 .chip")).ToHaveTextAsync("Never seen");
        await page.Locator("#device-tabs a", new PageLocatorOptions { HasText = "Online" }).ClickAsync();
        await night.ArriveAsync(page, "/edge?show=online");
        await Expect(page.Locator("#devices tbody tr")).ToHaveCountAsync(1);
        await page.Locator("#search").FillAsync("NORTH");
        await page.Locator("#search").PressAsync("Enter");
        await Expect(page.Locator("#devices")).ToContainTextAsync("None of the 3 devices matches this filter.");
        await page.GetByText("Clear the filter").ClickAsync();
        await Expect(page.Locator("#devices tbody tr")).ToHaveCountAsync(3);
    }

    [BrowserFact]
    public async Task Devices_ManyOfThem_ComeInPages()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        for (int i = 0; i < 51; i++)
            await night.AddDeviceAsync($"slot-{i:d2}");

        IPage page = await night.OpenAsync();
        await Expect(page.Locator("#devices tbody tr")).ToHaveCountAsync(50);
        await page.Locator("a[rel=next]").ClickAsync();
        await night.ArriveAsync(page, "/edge?page=2");
        await Expect(page.Locator("#devices tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("#device-slot-50")).ToContainTextAsync("Unknown");
    }

    [BrowserFact]
    public async Task NoBroker_ThePageSaysWhatIsMissing()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        await night.AddDeviceAsync("slot-01");
        IPage page = await night.OpenAsync();

        await Expect(page.Locator("#broker h2")).ToHaveTextAsync("This core hears no devices");
        await Expect(page.Locator("#install")).ToHaveTextAsync("sudo apt-get install -y mosquitto && essaim up --mqtt 127.0.0.1");
        await page.GotoAsync(night.Url("/edge/devices/slot-01/command/identify"));
        await page.Locator(".ask button.primary").ClickAsync();
        await Expect(page.Locator("dialog [role=alert]")).ToHaveTextAsync("The command was not sent: This core hears no devices");
    }
}
