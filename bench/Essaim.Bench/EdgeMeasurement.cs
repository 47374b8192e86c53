using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Essaim.Edge;
using Essaim.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Bench;

/// <summary>A core, a Mosquitto on the files the core writes, and one slot with its journal on a real disk, on loopback.</summary>
internal sealed class EdgeMeasurement : IAsyncDisposable
{
    private const int Restarts = 20;
    private const int Backlog = 1000;
    private readonly BenchOptions _options;
    private readonly int _port = MqttMeasurement.FreePort();
    private readonly HttpClient _http = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly StandInGpio _gpio = new(["BTN_YES"], [SlotLights.Accepted, SlotLights.Error, SlotLights.Link]);
    private Process _broker = null!;
    private EssaimServer _core = null!;
    private SlotAgent _slot = null!;
    private Task _running = Task.CompletedTask;

    private EdgeMeasurement(BenchOptions options) => _options = options;

    public static async Task RunAsync(BenchOptions options)
    {
        await using EdgeMeasurement measurement = new(options);
        await measurement.StartAsync();
        await measurement.PressAsync(Math.Min(options.Tasks, 2000));
        await measurement.DrainAsync();
        await measurement.RestartBrokerAsync();
        await measurement.LosePresenceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _slot.Dispose();
        _gpio.Dispose();
        await _core.DisposeAsync();
        _broker.Kill();
        _broker.Dispose();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task StartAsync()
    {
        string files = Path.Combine(_options.Folder, "broker");
        Directory.CreateDirectory(files);
        File.WriteAllText(Path.Combine(files, "passwords"), "");
        File.WriteAllText(Path.Combine(files, "rights"), "");
        File.WriteAllText(
            Path.Combine(_options.Folder, "mosquitto.conf"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"user {Environment.UserName}\nlistener {_port} 127.0.0.1\nallow_anonymous false\npassword_file {files}/passwords\nacl_file {files}/rights\nuse_username_as_clientid true\npid_file {files}/pid\nset_tcp_nodelay true\nlog_type error\n"));
        StartBroker();
        _core = await EssaimServer.StartAsync(new ServerOptions
        {
            Url = "http://127.0.0.1:0",
            DataFolder = Path.Combine(_options.Folder, "core"),
            Edge = new EdgeOptions { Port = _port, BrokerFolder = files, BrokerPidFile = Path.Combine(files, "pid") },
        });
        _http.BaseAddress = new Uri(_core.Url);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadAllText(_core.AdminKeyFile).Trim());
        string password = await AddAsync("slot-01");
        using HttpResponseMessage round = await _http.PostAsJsonAsync("v1/rounds", new { expected = 100_000 });
        string folder = Path.Combine(_options.Folder, "slot");
        Directory.CreateDirectory(folder);
        SlotOptions slot = new() { SlotId = "slot-01", Broker = Broker("slot-01", password), DataFolder = folder, Choices = ["yes"] };
        _slot = new SlotAgent(slot, _gpio, new LinuxMachine(), new Watchdog(["none"], () => { }), new FileJournalDisk(), TimeProvider.System, NullLogger.Instance, Random.Shared);
        _running = _slot.RunAsync(_stop.Token);
        await UntilAsync(status => status is { IsLinked: true, Round.State: RoundState.Open });
    }

    private async Task PressAsync(int presses)
    {
        List<double> lit = [];
        List<double> counted = [];
        for (int i = 0; i < presses; i++)
        {
            long began = Stopwatch.GetTimestamp();
            _slot.Press("yes");
            lit.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await UntilAsync(status => status.Recent[0].Verdict is not null);
            counted.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Show("edge: press to light (on the disk)", lit, "ms");
        Show("edge: press to counted (committed by the core, known to the slot)", counted, "ms");
    }

    private async Task DrainAsync()
    {
        await StopBrokerAsync();
        for (int i = 0; i < Backlog; i++)
            _slot.Press("yes");
        StartBroker();
        long began = Stopwatch.GetTimestamp();
        await UntilAsync(status => status.Waiting == 0);
        Console.WriteLine($"edge: {Backlog} votes pressed while the broker was away, counted {Stopwatch.GetElapsedTime(began).TotalSeconds:N2} s after its start");
    }

    private async Task RestartBrokerAsync()
    {
        List<double> back = [];
        for (int i = 0; i < Restarts; i++)
        {
            await StopBrokerAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(200, 3000)), TimeProvider.System);
            StartBroker();
            long began = Stopwatch.GetTimestamp();
            await UntilAsync(status => status.IsLinked);
            back.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        Show($"edge: broker's start to slot and core linked again, {Restarts} kills", back, "s");
    }

    private async Task LosePresenceAsync()
    {
        MqttOptions options = Broker("slot-02", await AddAsync("slot-02")) with
        {
            Will = () => new MqttWill(EdgeTopics.Up("slot-02", "state"), """{"v":1,"state":"offline","reason":"lost","boot":"0badf00d","session":1}"""u8.ToArray()),
        };
        Console.WriteLine($"edge: connection of a device gone to 'disconnected' {await LoseAsync(options, isKilled: true):N2} s; silent but connected {await LoseAsync(options, isKilled: false):N1} s");
    }

    private async Task<double> LoseAsync(MqttOptions options, bool isKilled)
    {
        MqttReceiver receiver = new(options, static _ => ValueTask.CompletedTask, static (_, _) => { });
        await using MqttConnection device = await MqttConnection.OpenAsync(options, MqttVersion.V5, receiver, TimeProvider.System, CancellationToken.None);
        await device.PublishAsync(
            EdgeTopics.Up("slot-02", "state"), """{"v":1,"state":"online","boot":"0badf00d","session":1}"""u8.ToArray(), MqttQos.AtLeastOnce, true, null, CancellationToken.None);
        while (await StatusAsync("slot-02") != "online")
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        long began = Stopwatch.GetTimestamp();
        if (isKilled)
            await device.DisposeAsync();
        while (await StatusAsync("slot-02") != "disconnected")
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private async Task<string> StatusAsync(string id)
    {
        JsonElement list = await _http.GetFromJsonAsync<JsonElement>("v1/devices");
        return list.GetProperty("devices").EnumerateArray().First(device => device.GetProperty("id").GetString() == id).GetProperty("status").GetString()!;
    }

    private async Task<string> AddAsync(string id)
    {
        using HttpResponseMessage added = await _http.PostAsJsonAsync("v1/devices", new { id });
        return (await added.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("password").GetString()!;
    }

    private MqttOptions Broker(string id, string password) => new() { Host = "127.0.0.1", Port = _port, ClientId = id, UserName = id, Password = password };

    private async Task UntilAsync(Func<SlotStatus, bool> isWanted)
    {
        while (true)
        {
            Task changed = _slot.ChangedAsync();
            if (isWanted(_slot.Status()))
                return;
            await changed;
        }
    }

    private void StartBroker()
    {
        string program = File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        _broker = Process.Start(new ProcessStartInfo(program, ["-c", Path.Combine(_options.Folder, "mosquitto.conf")]) { RedirectStandardError = true })!;
    }

    private async Task StopBrokerAsync()
    {
        _broker.Kill();
        await _broker.WaitForExitAsync();
        _broker.Dispose();
        await UntilAsync(status => !status.IsLinked);
    }

    private static void Show(string what, List<double> values, string unit)
    {
        values.Sort();
        Console.WriteLine($"{what}: p50 {values[values.Count / 2]:N2}, p95 {values[values.Count * 95 / 100]:N2}, p99 {values[values.Count * 99 / 100]:N2}, most {values[^1]:N2} {unit}; {values.Count} times");
    }
}
