using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Essaim.Server;
using Essaim.Server.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Web.Tests;

/// <summary>Sessions and forms, without a browser: what somebody with a program of their own could try.</summary>
public sealed partial class SignInTests : IAsyncLifetime
{
    private readonly CookieContainer _cookies = new();
    private HttpClient _http = new();
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync()
    {
        int port = Essaim.Edge.Tests.Mosquitto.FreePort();
        _core = await ServerHarness.StartAsync(options => options.Url = $"http://127.0.0.1:{port}");
        _http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = _cookies }) { BaseAddress = new Uri(_core.Server.Url) };
        _http.DefaultRequestHeaders.Add("Accept", "text/html");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _core.DisposeAsync();
    }

    [Theory]
    [InlineData("/edge")]
    [InlineData("/edge/live")]
    [InlineData("/edge/wall")]
    [InlineData("/edge/rounds/1/votes.csv")]
    [InlineData("/edge/devices/slot-01")]
    [InlineData("/audit")]
    public async Task AnyPage_NotSignedIn_LeadsToTheSignIn(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path, ServerHarness.Stop);
        Assert.Equal((HttpStatusCode.Redirect, "/sign-in?then=" + Uri.EscapeDataString(path)), (answer.StatusCode, answer.Headers.Location!.ToString()));

        // A script is told, so that it does not put a sign-in into a page.
        using HttpRequestMessage part = new(HttpMethod.Get, path);
        part.Headers.Add("HX-Request", "true");
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.SendAsync(part, ServerHarness.Stop)).StatusCode);
    }

    [Theory]
    [InlineData("/audit?x=1", "/audit?x=1")]
    [InlineData("https://evil.example/", "/edge")]
    [InlineData("//evil.example/", "/edge")]
    [InlineData("/\\evil.example/", "/edge")]
    [InlineData("~/edge", "/edge")]
    [InlineData("javascript:alert(1)", "/edge")]
    [InlineData("", "/edge")]
    public async Task SignIn_LeadsOnWithinThePagesOnly(string then, string expected)
    {
        using HttpResponseMessage answer = await SignInAsync(await KeyAsync(), then);

        Assert.Equal((HttpStatusCode.SeeOther, expected), (answer.StatusCode, answer.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task Cookie_IsForThisSiteAndNoScript()
    {
        using HttpResponseMessage answer = await SignInAsync(await KeyAsync());

        string session = Assert.Single(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("essaim-session-", StringComparison.Ordinal));
        Assert.Matches("; expires=.*; path=/; samesite=strict; httponly$", session);
        Assert.DoesNotContain(await KeyAsync(), session, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_core.Folder.FullName, "keys")));
    }

    [Fact]
    public async Task Cookies_BehindAProxyWithTls_AreForTlsOnly()
    {
        _http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using HttpResponseMessage page = await _http.GetAsync("/sign-in", ServerHarness.Stop);
        Assert.Contains("; secure;", Assert.Single(page.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        using HttpResponseMessage redirect = await _http.GetAsync("/edge", ServerHarness.Stop);
        Assert.Equal("/sign-in?then=%2Fedge", redirect.Headers.Location!.ToString());
    }

    [Fact]
    public async Task Session_OutlivesARestart_NotAnotherKey()
    {
        await SignInAsync(await KeyAsync());
        await _core.RestartAsync();
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/edge", ServerHarness.Stop)).StatusCode);

        File.Delete(_core.Server.AdminKeyFile);
        await _core.RestartAsync();

        Assert.Equal(HttpStatusCode.Redirect, (await _http.GetAsync("/edge", ServerHarness.Stop)).StatusCode);
    }

    [Fact]
    public async Task SignOut_EndsTheSession()
    {
        await SignInAsync(await KeyAsync());
        string page = await _http.GetStringAsync("/edge", ServerHarness.Stop);

        Assert.Equal("/sign-in", (await PostAsync("/sign-out", Token(page))).Headers.Location!.ToString());

        Assert.Equal(HttpStatusCode.Redirect, (await _http.GetAsync("/edge", ServerHarness.Stop)).StatusCode);
    }

    [Fact]
    public async Task WrongKeys_TenAMinute_ThenNone()
    {
        for (int i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SignInAsync("wrong")).StatusCode);

        using HttpResponseMessage refused = await SignInAsync(await KeyAsync());

        Assert.Equal((HttpStatusCode.TooManyRequests, "60"), (refused.StatusCode, refused.Headers.RetryAfter!.ToString()));
        Assert.Contains("Too many wrong keys. Try again in a minute.", await refused.Content.ReadAsStringAsync(ServerHarness.Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/edge/rounds/open")]
    [InlineData("/edge/rounds/1/close")]
    [InlineData("/edge/rounds/1/void")]
    [InlineData("/edge/add-device")]
    [InlineData("/edge/devices/slot-01/config")]
    [InlineData("/edge/devices/slot-01/command/reboot")]
    [InlineData("/edge/devices/slot-01/revoke")]
    [InlineData("/preferences")]
    [InlineData("/sign-out")]
    public async Task Form_OfAnotherSite_DoesNothing(string path)
    {
        await SignInAsync(await KeyAsync());
        await _core.PostAsync("/v1/devices", """{"id":"slot-01"}""");
        await _core.PostAsync("/v1/rounds");
        string before = (await _core.GetAsync("/v1/audit")).Text;

        foreach (string? token in (string?[])[null, "CfDJ8made-up"])
        {
            using HttpResponseMessage answer = await PostAsync(path, token, ("expected", "3"), ("id", "x"), ("reason", "x"), ("config", "{}"), ("language", "fr"));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains("This form is no longer valid", await answer.Content.ReadAsStringAsync(ServerHarness.Stop), StringComparison.Ordinal);
        }

        Assert.Equal(before, (await _core.GetAsync("/v1/audit")).Text);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/edge", ServerHarness.Stop)).StatusCode);
    }

    [Fact]
    public async Task Session_OpensNoApi()
    {
        await SignInAsync(await KeyAsync());

        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync("/v1/devices", ServerHarness.Stop)).StatusCode);
    }

    [Fact]
    public async Task Pages_OfManyAtOnceWhileDevicesChange_AllCome()
    {
        await SignInAsync(await KeyAsync());
        for (int i = 0; i < 200; i++)
            await _core.PostAsync("/v1/devices", $$"""{"id":"slot-{{i}}"}""");
        using CancellationTokenSource looked = CancellationTokenSource.CreateLinkedTokenSource(ServerHarness.Stop);
        Task changing = Task.Run(async () =>
        {
            for (int i = 0; !looked.IsCancellationRequested; i++)
                await _core.Server.Services.GetRequiredService<EdgeDesk>().ConfigureDeviceAsync("slot-7", JsonSerializer.SerializeToElement(new { brightness = i % 100 }), ServerHarness.Stop);
        });

        IEnumerable<Task<HttpStatusCode[]>> readers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            HttpStatusCode[] seen = new HttpStatusCode[20];
            for (int i = 0; i < seen.Length; i++)
            {
                using HttpResponseMessage page = await _http.GetAsync("/edge", ServerHarness.Stop);
                seen[i] = page.StatusCode;
            }

            return seen;
        }));
        HttpStatusCode[] all = [.. (await Task.WhenAll(readers)).SelectMany(seen => seen)];
        await looked.CancelAsync();
        await changing;

        Assert.All(all, status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Fact]
    public async Task UnknownAddress_IsAPageForPeopleAndAProblemForPrograms()
    {
        using HttpResponseMessage page = await _http.GetAsync("/nothing", ServerHarness.Stop);
        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        (await _core.GetAsync("/nothing")).IsProblem(404, "ESS5017", "No such address", "There is nothing at '/nothing'. All addresses are listed at /openapi/v1.json.");
    }

    private async Task<string> KeyAsync() => (await File.ReadAllTextAsync(_core.Server.AdminKeyFile, ServerHarness.Stop)).Trim();

    private async Task<HttpResponseMessage> SignInAsync(string key, string then = "/edge") =>
        await PostAsync("/sign-in", Token(await _http.GetStringAsync("/sign-in", ServerHarness.Stop)), ("key", key), ("then", then));

    private async Task<HttpResponseMessage> PostAsync(string path, string? token, params (string Name, string Value)[] fields)
    {
        List<KeyValuePair<string, string>> form = [.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))];
        if (token is not null)
            form.Add(KeyValuePair.Create("__RequestVerificationToken", token));
        using FormUrlEncodedContent content = new(form);
        return await _http.PostAsync(path, content, ServerHarness.Stop);
    }

    private static string Token(string page) => TokenField().Match(page).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
