using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Essaim.Edge.Tests;
using Microsoft.Data.Sqlite;

namespace Essaim.Cli.Tests;

/// <summary>
/// A broker, a core and slots as processes of their own, all of them killed again and again while votes are pressed. Each press has a nonce that
/// the product carries as the name of the control that was touched, and never uses as a name of the vote.
/// </summary>
internal sealed class NightUnderFire : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Random _random;
    private readonly SlotProcess[] _slots;
    private readonly int _corePort = Mosquitto.FreePort();
    private Mosquitto _broker = null!;
    private CliRun _core = null!;
    private int _nonces;

    public NightUnderFire(int seed, int slots)
    {
        _random = new Random(seed);
        _slots = [.. Enumerable.Range(1, slots).Select(i => new SlotProcess($"slot-{i:00}", Mosquitto.FreePort()))];
    }

    /// <summary>Nonces of presses that the slot said were accepted.</summary>
    public ConcurrentBag<string> Accepted { get; } = [];

    /// <summary>Nonces of presses whose answer never came: the slot was killed.</summary>
    public ConcurrentBag<string> Unknown { get; } = [];

    public int BrokerKills { get; private set; }

    public int SlotKills { get; private set; }

    public int CoreKills { get; private set; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async Task StartAsync()
    {
        string files = _folder["broker"];
        Directory.CreateDirectory(files);
        foreach (string name in (string[])["passwords", "rights"])
            await File.WriteAllTextAsync(Path.Combine(files, name), "", Stop);
        _broker = await Mosquitto.StartAsync(
            "allow_anonymous false", _ => $"password_file {files}/passwords\nacl_file {files}/rights\nuse_username_as_clientid true\npid_file {files}/pid");
        await StartCoreAsync();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(_folder[".essaim/admin.key"], Stop)).Trim());
        foreach (SlotProcess slot in _slots)
        {
            CliResult added = await CliRun.RunAsync(_folder.Path, "device", "add", slot.Id);
            Assert.Equal(ExitCodes.Ok, added.ExitCode);
            Directory.CreateDirectory(_folder[slot.Id]);
            await File.WriteAllTextAsync(
                Path.Combine(_folder[slot.Id], ".env"), $"{added.Output}CORE_HOST=127.0.0.1\nCORE_PORT={_broker.Port}\nSLOT_GPIO=none\nSLOT_PORT={slot.Port}\n", Stop);
            await StartAsync(slot);
        }
    }

    public async Task RunAsync(TimeSpan duration)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        end.CancelAfter(duration);
        await Task.WhenAll([OperateAsync(end.Token), KillAsync(end.Token), .. _slots.Select(slot => PressAsync(slot, end.Token))]);
    }

    /// <summary>Waits until every slot has an answer to every vote.</summary>
    public async Task SettleAsync()
    {
        foreach (SlotProcess slot in _slots)
        {
            while (await WaitingAsync(slot) != 0)
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }
    }

    /// <summary>Nonces as the core has them, each as often as it has it.</summary>
    public List<string> Taken() => Query("SELECT input FROM vote", row => row.GetString(0));

    /// <summary>Rounds whose state and votes do not fit: closed with another number than expected, or with other votes than counted.</summary>
    public List<string> WrongRounds() => Query(
        """
        SELECT id || ': ' || state || ' ' || votes || ' of ' || expected || ', counted ' || (SELECT count(*) FROM vote WHERE round = id AND verdict = 'counted') FROM round
        WHERE votes <> (SELECT count(*) FROM vote WHERE round = id AND verdict = 'counted') OR (state = 'closed' AND votes <> expected) OR (state = 'open' AND votes >= expected)
        """, row => row.GetString(0));

    public long ClosedRounds() => Query("SELECT count(*) FROM round WHERE state = 'closed'", row => row.GetInt64(0))[0];

    public async ValueTask DisposeAsync()
    {
        foreach (SlotProcess slot in _slots)
        {
            if (slot.Run is not null)
                await slot.Run.DisposeAsync();
        }

        if (_core is not null)
            await _core.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    private async Task StartCoreAsync()
    {
        _core = CliRun.Start(
            _folder.Path, "up", "--url", $"http://127.0.0.1:{_corePort}", "--no-worker", "--mqtt", $"127.0.0.1:{_broker.Port}", "--mqtt-folder", _folder["broker"],
            "--mqtt-pid-file", _folder["broker/pid"], "--expected-votes", "9");
        await _core.WaitForErrorsAsync("Ctrl-C stops it.");
    }

    private async Task StartAsync(SlotProcess slot)
    {
        slot.Run = CliRun.Start(_folder[slot.Id], "slot", "--log-level", "Error");
        await slot.Run.WaitForErrorsAsync("Its page is at");
    }

    private async Task PressAsync(SlotProcess slot, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            string nonce = Interlocked.Increment(ref _nonces).ToString(CultureInfo.InvariantCulture);
            try
            {
                using HttpResponseMessage answer = await _http.PostAsJsonAsync($"http://127.0.0.1:{slot.Port}/press", new { choice = "yes", input = nonce }, Stop);
                if (answer.StatusCode == HttpStatusCode.Accepted)
                    Accepted.Add(nonce);
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException)
            {
                Unknown.Add(nonce);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task OperateAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                // Refused while one is open.
                using HttpResponseMessage answer = await _http.PostAsync($"http://127.0.0.1:{_corePort}/v1/rounds", null, Stop);
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException)
            {
                // The core was killed.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task KillAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(100, 700)), TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
                return;
            switch (_random.Next(10))
            {
                case < 6:
                    BrokerKills++;
                    await _broker.KillAsync();
                    await _broker.StartAgainAsync();
                    break;
                case < 9:
                    SlotKills++;
                    SlotProcess slot = _slots[_random.Next(_slots.Length)];
                    await KillAsync(slot.Run!);
                    await StartAsync(slot);
                    break;
                default:
                    CoreKills++;
                    await KillAsync(_core);
                    await StartCoreAsync();
                    break;
            }
        }
    }

    private static async Task KillAsync(CliRun run)
    {
        await run.SignalAsync("KILL");
        await run.EndAsync();
        await run.DisposeAsync();
    }

    private async Task<int> WaitingAsync(SlotProcess slot)
    {
        using JsonDocument status = JsonDocument.Parse(await _http.GetStringAsync($"http://127.0.0.1:{slot.Port}/status", Stop));
        return status.RootElement.GetProperty("waiting").GetInt32();
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read)
    {
        using SqliteConnection connection = new($"Data Source={_folder[".essaim/metadata.db"]};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader rows = command.ExecuteReader();
        List<T> found = [];
        while (rows.Read())
            found.Add(read(rows));
        return found;
    }

    private sealed class SlotProcess(string id, int port)
    {
        public string Id => id;

        public int Port => port;

        public CliRun? Run { get; set; }
    }
}
