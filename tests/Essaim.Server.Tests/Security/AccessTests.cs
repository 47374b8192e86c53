using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Essaim.Server.Tests;

public sealed class AccessTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Theory]
    [InlineData("/v1/tasks")]
    [InlineData("/v1/version")]
    [InlineData("/v1/nothing/here")]
    [InlineData("/V1/tasks")]
    [InlineData("/metrics")]
    public async Task AnyAddressUnderV1_NoKey_IsRefused(string path)
    {
        _core.Http.DefaultRequestHeaders.Authorization = null;

        Answer answer = await _core.GetAsync(path);

        answer.IsProblem(
            401,
            "ESS5015",
            "Not authenticated",
            "This needs the admin key. Send it as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'; the core printed at its start where the key lies.");
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("Authorization", "Bearer wrong")]
    [InlineData("X-Api-Key", "wrong")]
    public async Task AnyAddressUnderV1_WrongKey_IsRefused(string header, string value)
    {
        _core.Http.DefaultRequestHeaders.Authorization = null;
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/tasks");
        request.Headers.Add(header, value);

        (await _core.SendAsync(request)).IsProblem(
            401, "ESS5015", "Not authenticated", "The key sent is not the admin key. The core printed at its start where the key lies.");
    }

    [Fact]
    public async Task KeyInItsOwnHeader_IsTaken()
    {
        string key = _core.Http.DefaultRequestHeaders.Authorization!.Parameter!;
        _core.Http.DefaultRequestHeaders.Authorization = null;
        _core.Http.DefaultRequestHeaders.Add("X-Api-Key", key);

        Assert.Equal(HttpStatusCode.OK, (await _core.GetAsync("/v1/version")).Status);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/openapi/v1.json")]
    public async Task OpenAddresses_NoKey_Answer(string path)
    {
        _core.Http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.OK, (await _core.GetAsync(path)).Status);
    }

    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:8000", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:1", true)]
    [InlineData("[::1]:8000", true)]
    public async Task Host_OnlyLoopbackNames_AreAnswered(string host, bool allowed)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/healthz");
        request.Headers.Host = host;
        Answer answer = await _core.SendAsync(request);

        if (allowed)
            Assert.Equal(HttpStatusCode.OK, answer.Status);
        else
        {
            answer.IsProblem(
                421, "ESS5016", "Wrong host", $"This core answers on loopback only, not as '{host.Split(':')[0]}'. Use http://127.0.0.1 or http://localhost with its port.");
        }
    }

    [Fact]
    public async Task Host_Missing_IsRefused()
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_core.Server.Url).Port, ServerHarness.Stop);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /healthz HTTP/1.0\r\n\r\n"), ServerHarness.Stop);
        using StreamReader reader = new(client.GetStream());

        Assert.Contains(" 421 ", await reader.ReadLineAsync(ServerHarness.Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CrossOrigin_Preflight_IsNotAllowed()
    {
        using HttpRequestMessage request = new(HttpMethod.Options, "/v1/tasks");
        request.Headers.Add("Origin", "https://evil.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");

        Answer answer = await _core.SendAsync(request);

        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task UnknownAddress_IsNotFound() => (await _core.GetAsync("/v1/nothing")).IsProblem(
        404, "ESS5017", "No such address", "There is nothing at '/v1/nothing'. All addresses are listed at /openapi/v1.json.");

    [Fact]
    public async Task OtherMethod_IsNotAllowed()
    {
        Answer answer = await _core.DeleteAsync("/v1/queues");

        answer.IsProblem(405, "ESS5018", "Method not allowed", "'/v1/queues' does not take DELETE, only GET.");
        Assert.Equal(["GET"], answer.ContentHeaders.Allow);
    }

    [Fact]
    public async Task Responses_SayNoSniffAndNoServer()
    {
        Answer answer = await _core.GetAsync("/v1/version");
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Version_SaysWhatRuns()
    {
        Answer answer = await _core.GetAsync("/v1/version");
        Assert.StartsWith("0.1.0", (string)answer.Json["version"]!, StringComparison.Ordinal);
        Assert.StartsWith(".NET 10", (string)answer.Json["runtime"]!, StringComparison.Ordinal);
    }
}
