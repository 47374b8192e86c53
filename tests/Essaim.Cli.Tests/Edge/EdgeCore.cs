using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Essaim.Edge.Tests;

namespace Essaim.Cli.Tests;

/// <summary>A secured broker and a core on it, as processes, and slots that are registered.</summary>
internal sealed class EdgeCore : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private CliRun _core = null!;

    private EdgeCore()
    {
    }

    public Mosquitto Broker { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<EdgeCore> StartAsync()
    {
        EdgeCore core = new();
        string files = Directory.CreateDirectory(core._folder["broker"]).FullName;
        foreach (string name in (string[])["passwords", "rights"])
            await File.WriteAllTextAsync(Path.Combine(files, name), "", Stop);
        core.Broker = await Mosquitto.StartAsync(
            "allow_anonymous false", _ => $"password_file {files}/passwords\nacl_file {files}/rights\nuse_username_as_clientid true\npid_file {files}/pid");
        int port = Mosquitto.FreePort();
        core._core = CliRun.Start(
            core._folder.Path, "up", "--no-worker", "--url", $"http://127.0.0.1:{port}", "--mqtt", $"127.0.0.1:{core.Broker.Port}", "--mqtt-folder", files, "--mqtt-pid-file", files + "/pid");
        await core._core.WaitForErrorsAsync("Ctrl-C stops it.");
        core._http.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        core._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(core._folder[".essaim/admin.key"], Stop)).Trim());
        return core;
    }

    /// <summary>Registers a slot; the folder with its settings.</summary>
    public async Task<(string Folder, string Password)> AddAsync(string id, int page)
    {
        JsonNode added = await PostAsync("/v1/devices", new { id });
        string folder = Directory.CreateDirectory(_folder[id]).FullName;
        string password = (string)added["password"]!;
        await File.WriteAllTextAsync(
            Path.Combine(folder, ".env"),
            string.Create(CultureInfo.InvariantCulture, $"CORE_HOST=127.0.0.1\nCORE_PORT={Broker.Port}\nSLOT_ID={id}\nSLOT_PASSWORD={password}\nSLOT_GPIO=none\nSLOT_PORT={page}\n"), Stop);
        return (folder, password);
    }

    public async Task<JsonNode> PostAsync(string path, object body)
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync(path, body, Stop);
        string text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> isWanted)
    {
        while (true)
        {
            JsonNode answer = JsonNode.Parse(await _http.GetStringAsync(path, Stop))!;
            if (isWanted(answer))
                return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }
    }

    public async Task<JsonNode> DeviceAsync(string id, string status) =>
        Find(await UntilAsync("/v1/devices", answer => (string?)Find(answer, id)["status"] == status), id);

    public async ValueTask DisposeAsync()
    {
        await _core.DisposeAsync();
        await Broker.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    private static JsonNode Find(JsonNode answer, string id) => answer["devices"]!.AsArray().First(device => (string)device!["id"]! == id)!;
}
