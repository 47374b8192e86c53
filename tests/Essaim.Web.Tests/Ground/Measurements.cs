using System.Globalization;
using Essaim.Server.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Essaim.Web.Tests;

/// <summary>The figures of docs/benchmarks.md: <c>… -explicit only -method '*Measurements*' -showLiveOutput</c>.</summary>
public sealed class Measurements(Chromium chromium, ITestOutputHelper output)
{
    private const int Samples = 60;

    [Fact(Explicit = true)]
    public async Task Page_WeightAndPaint()
    {
        await using WebNight night = await WebNight.StartAsync(chromium);
        for (int i = 1; i <= 9; i++)
            await night.AddSlotAsync($"slot-0{i}");
        await night.Core.PostAsync("/v1/rounds");
        foreach (string path in (string[])["/edge", "/edge/rounds/1", "/edge/devices/slot-01", "/sign-in"])
        {
            IPage page = await night.OpenAsync("/audit");
            ICDPSession cdp = await page.Context.NewCDPSessionAsync(page);
            await cdp.SendAsync("Network.enable");
            await cdp.SendAsync("Network.setCacheDisabled", new Dictionary<string, object> { ["cacheDisabled"] = true });
            double bytes = 0;
            cdp.Event("Network.loadingFinished").OnEvent += (_, data) => bytes += data!.Value.GetProperty("encodedDataLength").GetDouble();
            if (path == "/sign-in")
                await page.Context.ClearCookiesAsync();
            await page.GotoAsync(night.Url(path));
            if (path != "/sign-in")
                await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();
            double paint = await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {bytes / 1024:f1} KiB, first paint {paint:f0} ms"));
        }
    }

    [Fact(Explicit = true)]
    public async Task Event_ToPixel()
    {
        await using WebNight night = await WebNight.StartAsync(chromium, hasBroker: false);
        IPage page = await night.OpenAsync();
        await Expect(page.Locator("#live[data-state=on]")).ToBeVisibleAsync();
        List<double> taken = [];
        Random random = new(7);
        for (int i = 1; i <= Samples; i++)
        {
            Task<double> seen = page.EvaluateAsync<double>(
                """
                name => new Promise(done => {
                  const look = () => { if (document.getElementById('round-title').textContent === name) requestAnimationFrame(() => setTimeout(() => done(Date.now()))); else return false; return true; };
                  if (!look()) { const watch = new MutationObserver(() => look() && watch.disconnect()); watch.observe(document.getElementById('main'), {subtree: true, childList: true, characterData: true}); }
                })
                """,
                $"Round {i}");
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 700)), TimeProvider.System, ServerHarness.Stop);
            double start = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;
            await night.Core.PostAsync("/v1/rounds");
            taken.Add(await seen - start);
            await night.Core.PostAsync($"/v1/rounds/{i}/close");
        }

        taken.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"API request to pixel, {Samples}: p50 {taken[Samples / 2]:f0} ms, p95 {taken[Samples * 95 / 100]:f0} ms, most {taken[^1]:f0} ms"));
    }

    [Fact(Explicit = true)]
    public async Task Viewers_MemoryAndProcessor()
    {
        const int viewers = 100;
        await using WebNight night = await WebNight.StartAsync(chromium);
        for (int i = 1; i <= 9; i++)
            await night.AddSlotAsync($"slot-0{i}");
        IPage page = await night.OpenAsync();
        string cookie = string.Join("; ", (await page.Context.CookiesAsync()).Select(cookie => $"{cookie.Name}={cookie.Value}"));
        await page.CloseAsync();
        (double memory, TimeSpan processor) before = await UseAsync();
        using HttpClient http = new() { BaseAddress = new Uri(night.Url("/")) };
        http.DefaultRequestHeaders.Add("Cookie", cookie);
        long read = 0;
        using CancellationTokenSource stop = new();
        Task[] all = [.. Enumerable.Range(0, viewers).Select(async _ =>
        {
            using Stream stream = await http.GetStreamAsync("/edge/live", ServerHarness.Stop);
            byte[] buffer = new byte[16384];
            try
            {
                while (true)
                    Interlocked.Add(ref read, await stream.ReadAsync(buffer, stop.Token));
            }
            catch (OperationCanceledException)
            {
                // Seen enough.
            }
        })];
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, ServerHarness.Stop);
        long begun = Interlocked.Read(ref read);
        (double memory, TimeSpan processor) start = await UseAsync();
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, ServerHarness.Stop);
        (double memory, TimeSpan processor) end = await UseAsync();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{viewers} viewers of 9 devices that send heartbeats (core, agents and readers in one process): {(end.memory - before.memory) / viewers:f2} MiB and {(end.processor - start.processor).TotalSeconds / 20 / viewers * 100:f2} % of a core each, {(read - begun) / 20.0 / viewers / 1024:f1} KiB/s"));
        await stop.CancelAsync();
        await Task.WhenAll(all);
    }

    private static async Task<(double Memory, TimeSpan Processor)> UseAsync()
    {
        GC.Collect();
        string status = await File.ReadAllTextAsync("/proc/self/status", ServerHarness.Stop);
        string kilobytes = status.Split('\n').First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return (double.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024, Environment.CpuUsage.TotalTime);
    }
}
