using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace EscapeRoom;

/// <summary>The building of the night: Mosquitto, a core, a worker for verdicts and the slots, each a process of its own, with all their files in one folder.</summary>
internal sealed class Building : IAsyncDisposable
{
    private static readonly string[] MosquittosPlaces = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"];
    private readonly HttpClient _core = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly HttpClient _slots = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<Machine> _machines = [];
    private readonly string _folder;
    private readonly int _slotPort;

    private Building(string folder, int slotPort) => (_folder, _slotPort) = (folder, slotPort);

    public Machine Broker { get; private set; } = null!;

    public Machine Core { get; private set; } = null!;

    public IReadOnlyList<Machine> Slots { get; private set; } = [];

    public string Url => _core.BaseAddress!.ToString().TrimEnd('/');

    /// <summary>Switches everything on; all slots are on line when it returns.</summary>
    /// <exception cref="NightException">Mosquitto is missing, or something does not start.</exception>
    public static async Task<Building> OpenAsync(string folder, int slots, Action<string> say, CancellationToken cancellationToken)
    {
        string mosquitto = MosquittosPlaces.FirstOrDefault(File.Exists)
            ?? throw new NightException("Mosquitto, the broker of devices, is not installed. On Debian: apt-get install mosquitto.");
        string essaim = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../apps/Essaim.Cli/bin", Configuration, "net10.0/Essaim.Cli"));
        if (!File.Exists(essaim))
            throw new NightException($"The program essaim is not at {essaim}: build the sample in its repository (dotnet build samples/EscapeRoom -c {Configuration}).");
        Directory.CreateDirectory(folder);
        int[] ports = FreePorts(slots + 2);
        Building building = new(folder, ports[2]);
        try
        {
            await building.StartCoreAsync(mosquitto, essaim, ports[0], ports[1], slots, say, cancellationToken);
            await building.StartSlotsAsync(essaim, ports, slots, say, cancellationToken);
            return building;
        }
        catch
        {
            await building.DisposeAsync();
            throw;
        }
    }

    public async Task<JsonNode> AskAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage response = await _core.SendAsync(request, cancellationToken);
        string text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new NightException($"The core answers {(int)response.StatusCode} to {method} {path}: {text}");
    }

    /// <summary>What a slot knows; null while it is without power.</summary>
    public async Task<JsonNode?> SlotAsync(int slot, CancellationToken cancellationToken)
    {
        try
        {
            return JsonNode.Parse(await _slots.GetStringAsync(SlotUrl(slot) + "/status", cancellationToken));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>A finger on a slot's screen; true once the vote is on its disk.</summary>
    public async Task<bool> PressAsync(int slot, string choice, string nonce, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _slots.PostAsJsonAsync(SlotUrl(slot) + "/press", new { choice, input = nonce }, cancellationToken);
            return response.StatusCode == HttpStatusCode.Accepted;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Machine machine in Enumerable.Reverse(_machines))
            await machine.DisposeAsync();
        _core.Dispose();
        _slots.Dispose();
    }

    internal string SlotUrl(int slot) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_slotPort + slot}");

    /// <summary>Waits for what must come; says which machine has ended instead.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        DateTimeOffset end = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(2);
        while (!await IsSoAsync(isSo))
        {
            if (_machines.FirstOrDefault(machine => machine.HasEnded) is { } ended)
                throw new NightException($"{ended.Name} has ended while {what} was waited for; what it said is in {ended.LogFile}.");
            if (TimeProvider.System.GetUtcNow() > end)
                throw new NightException($"{what} did not come within two minutes; the machines' logs are in {_folder}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>A machine without power says nothing; it is asked again.</summary>
    private static async Task<bool> IsSoAsync(Func<Task<bool>> isSo)
    {
        try
        {
            return await isSo();
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private async Task StartCoreAsync(string mosquitto, string essaim, int port, int web, int expected, Action<string> say, CancellationToken cancellationToken)
    {
        string rights = Directory.CreateDirectory(Path.Combine(_folder, "mosquitto")).FullName;
        // The broker begins with nobody in its files; the core writes them and tells it.
        foreach (string file in (string[])["passwords", "rights"])
            await File.WriteAllTextAsync(Path.Combine(rights, file), "", cancellationToken);
        string configuration = Path.Combine(_folder, "mosquitto.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"user {Environment.UserName}\nlistener {port} 127.0.0.1\nallow_anonymous false\npassword_file {rights}/passwords\nacl_file {rights}/rights\n"
            + $"use_username_as_clientid true\npid_file {rights}/pid\nset_tcp_nodelay true\npersistence false\n", cancellationToken);
        Broker = Start("broker", mosquitto, ["-c", configuration]);
        string data = Path.Combine(_folder, "core");
        string[] core =
        [
            "up", "--data", data, "--url", $"http://127.0.0.1:{web}", "--no-worker", "--mqtt", $"127.0.0.1:{port}", "--mqtt-folder", rights, "--mqtt-pid-file", Path.Combine(rights, "pid"),
            "--expected-votes", $"{expected}", "--round-task", Verdict.TaskName,
        ];
        Core = Start("core", essaim, core);
        _core.BaseAddress = new Uri($"http://127.0.0.1:{web}");
        await UntilAsync("the core", () => AnswersAsync("healthz", cancellationToken), cancellationToken);
        _core.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "admin.key"), cancellationToken)).Trim());
        Start("worker", Environment.ProcessPath!, ["worker", "--broker", $"sqlite:{Path.Combine(data, "essaim.db")}", "--pool", "threads"]);
        await UntilAsync("the broker", async () => (bool)(await AskAsync(HttpMethod.Get, "v1/devices", null, cancellationToken))["linked"]!, cancellationToken);
        say($"The core is at {Url}, its broker at 127.0.0.1:{port}.");
    }

    private async Task StartSlotsAsync(string essaim, int[] ports, int count, Action<string> say, CancellationToken cancellationToken)
    {
        List<Machine> slots = [];
        for (int i = 0; i < count; i++)
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"slot-{i + 1:00}");
            JsonNode device = await AskAsync(HttpMethod.Post, "v1/devices", new { id, label = $"Room {i + 1}" }, cancellationToken);
            slots.Add(Start(
                id, essaim,
                [
                    "slot", "--core", "127.0.0.1", "--core-port", $"{ports[0]}", "--id", id, "--gpio", "none", "--buttons", "door=1,window=2,wait=3",
                    "--data", Path.Combine(_folder, id), "--port", $"{_slotPort + i}",
                ],
                ("SLOT_PASSWORD", (string)device["password"]!)));
        }

        Slots = slots;
        await UntilAsync(
            "the slots",
            async () => (await AskAsync(HttpMethod.Get, "v1/devices", null, cancellationToken))["devices"]!.AsArray().Count(device => (string)device!["status"]! == "online") == count,
            cancellationToken);
        say($"{count} slots are on line, their pages at {SlotUrl(0)} to {SlotUrl(count - 1)}.");
    }

    private async Task<bool> AnswersAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _core.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private Machine Start(string name, string program, IReadOnlyList<string> arguments, params (string Key, string Value)[] settings)
    {
        Machine machine = new(name, _folder, program, arguments, settings.ToDictionary(setting => setting.Key, setting => setting.Value));
        machine.SwitchOn();
        _machines.Add(machine);
        return machine;
    }

    /// <summary>Ports free just now; those of the slots' pages, from the third on, follow one another.</summary>
    private static int[] FreePorts(int count)
    {
        for (int first = Random.Shared.Next(20_000, 50_000); ; first = Random.Shared.Next(20_000, 50_000))
        {
            int[] ports = [.. Enumerable.Range(first, count)];
            if (ports.All(IsFree))
                return ports;
        }
    }

    private static bool IsFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
