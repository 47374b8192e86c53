using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Essaim.Interop.Tests.Functions;

/// <summary>Celery calls functions by name and version; the core, its worker and Redis are real.</summary>
public sealed class NamedFunctionTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-functions-").FullName;
    private RedisServer? _redis;
    private RunningProgram? _up;
    private PythonClient? _python;
    private HttpClient? _http;

    public async ValueTask InitializeAsync()
    {
        bool isUsable = Installed.IsUsable && File.Exists("/usr/bin/bwrap");
        if (!isUsable && Environment.GetEnvironmentVariable("CI") != "true")
            return;
        _redis = await RedisServer.StartAsync();
        string data = Path.Combine(_folder, "data");
        _up = new RunningProgram(
            Path.Combine(AppContext.BaseDirectory, "Essaim.Cli"),
            ["up", "--data", data, "--url", "http://127.0.0.1:0", "--broker", _redis.Url(), "--autoscale", "2,1"], new Dictionary<string, string?>()).WithOutputAsTalk();
        await _up.WaitForLineAsync("Ctrl-C stops it.");
        JsonNode core = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "core.json"), TestContext.Current.CancellationToken))!;
        _http = new HttpClient { BaseAddress = new Uri((string)core["url"]!) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "admin.key"), TestContext.Current.CancellationToken)).Trim());
        _python = new PythonClient(new Dictionary<string, string?> { ["INTEROP_URL"] = _redis.Url(), ["INTEROP_QUEUE"] = "celery" });
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_python is not null)
            await _python.DisposeAsync();
        if (_up is not null)
            await _up.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [InteropFact]
    public async Task Celery_ByNameAndVersion_AndInAChain()
    {
        string first = await PushAsync("beam", "def main(load: float, length: float = 2.5):\n    return {\"moment\": load * length}\n");
        string second = await PushAsync("beam", "def main(load: float, length: float = 2.5):\n    return {\"moment\": load * length * 10}\n");
        await PushAsync("check", "def main(moment: float, most: float):\n    return moment <= most\n");

        Assert.Equal(
            "[5,50,50,5]",
            await _python!.TextAsync(
                """
                call = lambda function: app.send_task("essaim.function", kwargs={"function": function, "inputs": {"load": 2}}).get(timeout=60)["moment"]
                result = [int(call(f"beam@{first}")), int(call(f"beam@{second[:6]}")), int(call("beam")), int(call(f"beam@{first[:4]}"))]
                """,
                ("first", first), ("second", second)));
        // What the first gives are inputs of the next, by their names.
        Assert.Equal(
            "[true,false]",
            await _python.TextAsync(
                """
                run = lambda most: chain(
                    app.signature("essaim.function", kwargs={"function": f"beam@{first}", "inputs": {"load": 2}}),
                    app.signature("essaim.function", kwargs={"function": "check", "inputs": {"most": most}}))().get(timeout=60)
                result = [run(5), run(4.9)]
                """,
                ("first", first)));
        Assert.Equal(
            "\"ESS6022: There is no function 'arch'. 'essaim functions list' shows those there are.\"",
            await _python.TextAsync("""result = str(raised(app.send_task("essaim.function", kwargs={"function": "arch"}), 60))"""));
        Assert.Equal(
            "\"ESS6010: beam.py was not run: input 'load': \\\"heavy\\\" is not a number\"",
            await _python.TextAsync("""result = str(raised(app.send_task("essaim.function", kwargs={"function": "beam", "inputs": {"load": "heavy"}}), 60))"""));
        JsonNode runs = JsonNode.Parse(await _http!.GetStringAsync($"/v1/functions/beam/versions/{first[..4]}/runs", TestContext.Current.CancellationToken))!;
        Assert.Equal(4, runs["tasks"]!.AsArray().Count);
    }

    [InteropFact]
    public async Task Celery_AfterRedisLostEverything_IsServedAgain()
    {
        string version = await PushAsync("beam", "def main(load: float):\n    return load * 2\n");

        // All of it: catalog, sources, and the message that is sent right after finds them again.
        Assert.Equal(
            "[8,8]",
            await _python!.TextAsync(
                """
                server.flushall()
                results = [app.send_task("essaim.function", kwargs={"function": f, "inputs": {"load": 4}}) for f in (f"beam@{version}", "beam")]
                result = [int(r.get(timeout=60)) for r in results]
                """,
                ("version", version)));
    }

    private async Task<string> PushAsync(string name, string source)
    {
        using StringContent body = new(JsonSerializer.Serialize(new { name, source }), Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _http!.PostAsync("/v1/functions", body, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return (string)JsonNode.Parse(text)!["version"]!;
    }
}
