using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Essaim.Cli.Tests;
using Essaim.Server.Tests;

namespace Essaim.Web.Tests;

/// <summary>Scripts and styles: the vendored ones as they were published, all of them served wherever the core was started.</summary>
public sealed class AssetTests
{
    private static readonly string s_root = Path.GetFullPath(Path.Combine(Here(), "../../.."));

    [Theory]
    [InlineData("apps/Essaim.Server/Web/Assets/htmx/htmx.min.js", "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130")]
    [InlineData("apps/Essaim.Server/Web/Assets/htmx/hx-sse.min.js", "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103")]
    [InlineData("apps/Essaim.Server/Web/Assets/htmx/LICENSE", "d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38")]
    [InlineData("tests/Essaim.Web.Tests/Axe/axe.min.js", "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c")]
    [InlineData("tests/Essaim.Web.Tests/Axe/LICENSE", "af175b9d96ee93c21a036152e1b905b0b95304d4ae8c2c921c7609100ba8df7e")]
    public void Vendored_IsAsPublished(string file, string hash) => Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(s_root, file)))));

    [Fact]
    public async Task Assets_OfAProgramStartedElsewhere_ArriveWhole()
    {
        using TemporaryFolder folder = new();
        await using CliRun up = CliRun.Start(folder.Path, "up", "--url", "http://127.0.0.1:0", "--no-worker");
        await up.WaitForErrorsAsync("Ctrl-C stops it.");
        string url = up.Errors.Split('\n')[0]["Essaim is up at ".Length..];
        using HttpClient http = new() { BaseAddress = new Uri(url) };
        Dictionary<string, string> files = new()
        {
            ["htmx.min.js"] = "htmx/htmx.min.js",
            ["hx-sse.min.js"] = "htmx/hx-sse.min.js",
            ["pages.js"] = "pages.js",
            ["pages.css"] = "pages.css",
            ["essaim.svg"] = "essaim.svg",
        };
        foreach ((string name, string file) in files)
        {
            byte[] served = await http.GetByteArrayAsync("/web/" + name, ServerHarness.Stop);
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(s_root, "apps/Essaim.Server/Web/Assets", file), ServerHarness.Stop), served);
        }

        Assert.InRange((await http.GetStringAsync("/sign-in", ServerHarness.Stop)).Length, 1000, 20_000);
    }

    [Fact]
    public async Task Assets_AreSqueezedAndKept()
    {
        await using ServerHarness core = await ServerHarness.StartAsync();
        core.Http.DefaultRequestHeaders.Authorization = null;
        foreach (string encoding in (string[])["br", "gzip"])
        {
            using HttpRequestMessage request = new(HttpMethod.Get, Essaim.Server.Web.AssetFiles.Url("htmx.min.js"));
            request.Headers.Add("Accept-Encoding", encoding);
            using HttpResponseMessage answer = await core.Http.SendAsync(request, ServerHarness.Stop);
            Assert.Equal((encoding, "text/javascript"), (Assert.Single(answer.Content.Headers.ContentEncoding), answer.Content.Headers.ContentType!.MediaType));
            Assert.InRange((await answer.Content.ReadAsByteArrayAsync(ServerHarness.Stop)).Length, 5_000, 16_000);
            Assert.Equal(TimeSpan.FromDays(365), answer.Headers.CacheControl!.MaxAge);
        }

        using HttpRequestMessage again = new(HttpMethod.Get, "/web/pages.css");
        again.Headers.IfNoneMatch.Add((await core.Http.GetAsync("/web/pages.css", ServerHarness.Stop)).Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await core.Http.SendAsync(again, ServerHarness.Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await core.Http.GetAsync("/web/..%2Fpages.css", ServerHarness.Stop)).StatusCode);
    }

    [Fact]
    public async Task Pages_AreSqueezedAndGuarded()
    {
        await using ServerHarness core = await ServerHarness.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/sign-in");
        request.Headers.Add("Accept-Encoding", "br");
        using HttpResponseMessage answer = await core.Http.SendAsync(request, ServerHarness.Stop);

        Assert.Equal(["br"], answer.Content.Headers.ContentEncoding);
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
    }

    [Fact]
    public async Task EdgePageUrl_IsASecondAddressOfThePages()
    {
        string second = $"http://127.0.0.1:{Essaim.Edge.Tests.Mosquitto.FreePort()}";
        await using ServerHarness core = await ServerHarness.StartAsync(options => options.EdgePageUrl = second);
        using HttpClient http = new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(second) };

        Assert.Equal("/edge", (await http.GetAsync("/", ServerHarness.Stop)).Headers.Location!.ToString());
        Assert.Equal("/sign-in?then=%2Fedge", (await http.GetAsync("/edge", ServerHarness.Stop)).Headers.Location!.ToString());
        Assert.NotEqual(second, core.Server.Url);
    }

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)! + "/.";
}
