using System.Text.Json;
using Microsoft.Playwright;

namespace Essaim.Web.Tests;

/// <summary>axe-core, injected into a page: what somebody who cannot see it, or not well, would stumble over.</summary>
internal static class Axe
{
    private static readonly Lazy<string> s_source = new(() =>
    {
        using StreamReader reader = new(typeof(Axe).Assembly.GetManifestResourceStream("axe.min.js")!);
        return reader.ReadToEnd();
    });

    public static async Task AssertAsync(IPage page)
    {
        IReadOnlyList<string> found = await FindAsync(page);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <summary>Rules and the elements that break them; none is what is wanted.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(IPage page)
    {
        // Once a page: the source is half a megabyte.
        if (!await page.EvaluateAsync<bool>("() => typeof axe !== 'undefined'"))
            await page.EvaluateAsync(s_source.Value + "; null");
        string found = await page.EvaluateAsync<string>(
            "async () => JSON.stringify((await axe.run(document)).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? '')).join(' | ')))");
        return JsonSerializer.Deserialize<string[]>(found)!;
    }
}
