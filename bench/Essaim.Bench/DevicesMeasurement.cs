using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Essaim.Edge;
using Essaim.Server;
using Essaim.Storage.Sqlite;

namespace Essaim.Bench;

/// <summary>A core and a Mosquitto with very many devices, which live in a process of their own (<see cref="SimulatedDevices"/>): its load, its memory, a round of all of them, and what it answers meanwhile.</summary>
internal sealed class DevicesMeasurement : IAsyncDisposable
{
    public const string Password = "bench";
    private readonly BenchOptions _options;
    private readonly int _port = MqttMeasurement.FreePort();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    private Process _broker = null!;
    private Process _devices = null!;
    private EssaimServer _core = null!;
    private PageViewer? _viewer;

    private DevicesMeasurement(BenchOptions options) => _options = options;

    public static async Task RunAsync(BenchOptions options)
    {
        await using DevicesMeasurement measurement = new(options);
        int count = Math.Min(options.Tasks, 10_000);
        await measurement.StartAsync(count);
        await measurement.ConnectAsync(count);
        await measurement.ListenAsync();
        await measurement.LookAsync();
        await measurement.VoteAsync(count);
    }

    public async ValueTask DisposeAsync()
    {
        if (_viewer is not null)
            await _viewer.DisposeAsync();
        _devices?.Kill();
        _devices?.Dispose();
        await _core.DisposeAsync();
        _broker.Kill();
        _broker.Dispose();
        _http.Dispose();
    }

    private async Task StartAsync(int count)
    {
        string core = Path.Combine(_options.Folder, "core");
        string files = Path.Combine(_options.Folder, "broker");
        Directory.CreateDirectory(core);
        Directory.CreateDirectory(files);
        File.WriteAllText(Path.Combine(files, "passwords"), "");
        File.WriteAllText(Path.Combine(files, "rights"), "");
        // Registered before the core starts: over the API each of ten thousand writes the whole password file anew.
        await using (SqliteMetadataStore store = SqliteMetadataStore.Open(Path.Combine(core, "metadata.db"), TimeProvider.System))
        {
            string hash = MosquittoFiles.Hash(Password);
            await Parallel.ForAsync(0, count, async (i, stop) => await store.Edge.AddDeviceAsync(SimulatedDevices.Id(i), null, hash, "bench", TimeProvider.System.GetUtcNow(), stop));
        }

        File.WriteAllText(
            Path.Combine(_options.Folder, "mosquitto.conf"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"user {Environment.UserName}\nlistener {_port} 127.0.0.1\nallow_anonymous false\npassword_file {files}/passwords\nacl_file {files}/rights\nuse_username_as_clientid true\npid_file {files}/pid\nset_tcp_nodelay true\nmax_queued_messages 20000\nlog_type error\n"));
        _broker = Process.Start(new ProcessStartInfo(File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto", ["-c", Path.Combine(_options.Folder, "mosquitto.conf")]) { RedirectStandardError = true })!;
        _core = await EssaimServer.StartAsync(new ServerOptions
        {
            Url = "http://127.0.0.1:0",
            DataFolder = core,
            Edge = new EdgeOptions { Port = _port, BrokerFolder = files, BrokerPidFile = Path.Combine(files, "pid"), ExpectedVotes = count },
        });
        _http.BaseAddress = new Uri(_core.Url);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadAllText(_core.AdminKeyFile).Trim());
        while (!(await DevicesAsync()).GetProperty("linked").GetBoolean())
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        Console.WriteLine($"devices: {count:N0} registered; the core alone {ResidentMiB():N0} MiB resident");
    }

    private async Task ConnectAsync(int count)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [SimulatedDevices.Verb, _port.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        long began = Stopwatch.GetTimestamp();
        _devices = Process.Start(start)!;
        Console.WriteLine($"devices: {await _devices.StandardOutput.ReadLineAsync()}");
        while (await OnlineAsync() < count)
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        Console.WriteLine($"devices: all {count:N0} shown online {Stopwatch.GetElapsedTime(began).TotalSeconds:N1} s after the first connected");
    }

    /// <summary>Heartbeats of all, every five seconds, and one viewer of the live stream.</summary>
    private async Task ListenAsync()
    {
        using CancellationTokenSource end = new(TimeSpan.FromSeconds(_options.Seconds));
        using Process self = Process.GetCurrentProcess();
        TimeSpan before = self.TotalProcessorTime;
        TimeSpan brokerBefore = _broker.TotalProcessorTime;
        long bytes = 0;
        long pictures = 0;
        List<double> answers = [];
        Stopwatch clock = Stopwatch.StartNew();
        Task viewer = Task.Run(async () =>
        {
            try
            {
                await using Stream stream = await _http.GetStreamAsync("v1/edge/events", end.Token);
                using StreamReader reader = new(stream);
                while (await reader.ReadLineAsync(end.Token) is { } line)
                {
                    bytes += line.Length;
                    pictures += line.StartsWith("data:", StringComparison.Ordinal) ? 1 : 0;
                }
            }
            catch (OperationCanceledException)
            {
                // The time is over.
            }
        });
        while (!end.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            await DevicesAsync();
            answers.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        await viewer;
        self.Refresh();
        _broker.Refresh();
        double seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(
            $"devices: heartbeats of all each 5 s: this process (core, and the bench's reader) {(self.TotalProcessorTime - before).TotalSeconds / seconds:P0} of a core, Mosquitto {(_broker.TotalProcessorTime - brokerBefore).TotalSeconds / seconds:P0}, {ResidentMiB():N0} MiB resident");
        Console.WriteLine($"devices: live stream {pictures / seconds:N1} pictures/s, {bytes / seconds / (1 << 20):N1} MiB/s; list of all p50 {Measurements.At(answers, 0.5):N0}, p95 {Measurements.At(answers, 0.95):N0} ms");
    }

    /// <summary>The operator's page, while all heartbeats come: fetched now and then, its stream read all the time.</summary>
    private async Task LookAsync()
    {
        _viewer = await PageViewer.OpenAsync(_http.BaseAddress!, File.ReadAllText(_core.AdminKeyFile).Trim());
        _viewer.Watch();
        List<double> pages = [];
        int size = 0;
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < _options.Seconds)
        {
            (double took, size) = await _viewer!.FetchAsync();
            pages.Add(took);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        Console.WriteLine(
            $"devices: the page /edge p50 {Measurements.At(pages, 0.5):N0}, p95 {Measurements.At(pages, 0.95):N0} ms, {size / 1024:N0} KiB; its stream {_viewer!.Bytes / clock.Elapsed.TotalSeconds / 1024:N0} KiB/s, longest silence {_viewer!.LongestGap.TotalSeconds:N1} s; {ResidentMiB():N0} MiB resident");
        _viewer!.Reset();
    }

    private async Task VoteAsync(int count)
    {
        using HttpResponseMessage opened = await _http.PostAsJsonAsync("v1/rounds", new { expected = count });
        JsonElement round = await opened.Content.ReadFromJsonAsync<JsonElement>();
        long id = round.GetProperty("id").GetInt64();
        long began = Stopwatch.GetTimestamp();
        await _devices.StandardInput.WriteLineAsync(id.ToString(CultureInfo.InvariantCulture));
        await _devices.StandardInput.FlushAsync();
        string? told = await _devices.StandardOutput.ReadLineAsync();
        JsonElement end = await _http.GetFromJsonAsync<JsonElement>($"v1/rounds/{id}");
        int votes = end.GetProperty("round").GetProperty("votes").GetInt32();
        Console.WriteLine($"devices: one vote of each at once: {told}; the round is {end.GetProperty("round").GetProperty("state").GetString()} with {votes:N0}, {votes / Stopwatch.GetElapsedTime(began).TotalSeconds:N0} votes/s; {ResidentMiB():N0} MiB resident");
        Console.WriteLine($"devices: the page's stream meanwhile: {_viewer!.Bytes / 1024:N0} KiB, longest silence {_viewer!.LongestGap.TotalSeconds:N1} s");
    }

    private async Task<JsonElement> DevicesAsync() => await _http.GetFromJsonAsync<JsonElement>("v1/devices");

    private async Task<int> OnlineAsync() =>
        (await DevicesAsync()).GetProperty("devices").EnumerateArray().Count(device => device.GetProperty("status").GetString() == "online");

    private static double ResidentMiB() => File.ReadLines("/proc/self/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)).First() / 1024.0;
}
