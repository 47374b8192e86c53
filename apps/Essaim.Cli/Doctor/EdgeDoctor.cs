using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Essaim.Edge;

namespace Essaim.Cli;

/// <summary><c>doctor</c> for devices: the broker's program, a running core's devices, and a slot's way to its core.</summary>
internal sealed class EdgeDoctor : IDoctorPart
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private readonly Option<string> _data = DataOption.Create();
    private readonly Option<string?> _file = new("--env-file") { HelpName = "FILE", Description = "Settings of a slot to check [default: .env, where there is one]" };

    public void AddTo(Command command)
    {
        command.Add(_data);
        command.Add(_file);
    }

    public async IAsyncEnumerable<DoctorFinding> LookAsync(CommandContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Debian keeps servers where only root looks.
        string? mosquitto = ToolChecks.Find("mosquitto") ?? ((string[])["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"]).FirstOrDefault(File.Exists);
        yield return mosquitto is null
            ? new DoctorFinding("mosquitto", DoctorStatus.Warn, "not found", "needed for devices, on the core; on Debian: apt-get install mosquitto")
            : new DoctorFinding("mosquitto", DoctorStatus.Ok, mosquitto);
        if (CoreFile.Read(Path.GetFullPath(context.GetValue(_data)!)) is not null)
            yield return await DevicesAsync(context.GetValue(_data)!, cancellationToken);
        if (!TryReadSlot(context.GetValue(_file), out SlotSettings? slot, out DoctorFinding? wrong))
        {
            if (wrong is not null)
                yield return wrong;
            yield break;
        }

        if (slot.HasGpio)
            yield return Gpio(slot.Plan.ChipLabels);
        // A second connection of its user would end the running slot's.
        yield return await RunningAsync(slot, cancellationToken) ?? await WayAsync(slot.Options.Broker, cancellationToken);
    }

    /// <summary>What the core says of its devices.</summary>
    private static async Task<DoctorFinding> DevicesAsync(string data, CancellationToken cancellationToken)
    {
        try
        {
            using CoreClient core = CoreClient.Open(data);
            JsonElement answer = await core.SendAsync(HttpMethod.Get, "v1/devices", cancellationToken);
            JsonElement[] devices = [.. answer.GetProperty("devices").EnumerateArray()];
            if (answer.GetProperty("linked").GetBoolean())
            {
                int online = devices.Count(device => device.GetProperty("status").GetString() == "online");
                string[] away = [.. devices.Where(device => device.GetProperty("status").GetString() != "online").Select(device => device.GetProperty("id").GetString()!)];
                return away.Length == 0
                    ? new DoctorFinding("devices", DoctorStatus.Ok, $"{online} online")
                    : new DoctorFinding("devices", DoctorStatus.Warn, $"{online} online, not there: {string.Join(", ", away)}", "look at their power and network; on them: essaim doctor, journalctl -u essaim-slot");
            }

            return answer.GetProperty("link_error").GetString() is { } error
                ? new DoctorFinding("devices", DoctorStatus.Fail, error, "nobody is heard; look at the broker with 'essaim mqtt check'")
                : devices.Length == 0
                    ? new DoctorFinding("devices", DoctorStatus.Ok, "none")
                    : new DoctorFinding("devices", DoctorStatus.Warn, $"{devices.Length} registered, nobody is heard", "start the core with 'up --mqtt HOST'");
        }
        catch (AppException error)
        {
            return new DoctorFinding("devices", DoctorStatus.Fail, error.Message);
        }
    }

    /// <summary>A slot's settings, where this machine is one.</summary>
    private static bool TryReadSlot(string? file, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SlotSettings? slot, out DoctorFinding? wrong)
    {
        (slot, wrong) = (null, null);
        try
        {
            IReadOnlyDictionary<string, string> settings = file is not null || File.Exists(".env") ? EnvironmentFile.Read(file ?? ".env") : new Dictionary<string, string>();
            string? LookUp(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : settings.GetValueOrDefault(name);
            if (file is null && string.IsNullOrEmpty(LookUp("SLOT_ID")))
                return false;
            slot = SlotSettings.Read(LookUp, "");
            return true;
        }
        catch (AppException error)
        {
            wrong = new DoctorFinding("slot", DoctorStatus.Fail, error.Message);
            return false;
        }
    }

    private static DoctorFinding Gpio(IReadOnlyList<string> labels)
    {
        try
        {
            KernelGpio.Look(new LibcGpioKernel(), labels);
            return new DoctorFinding("gpio", DoctorStatus.Ok, "the header's chip is there");
        }
        catch (EdgeException error)
        {
            return new DoctorFinding("gpio", DoctorStatus.Fail, error.Message);
        }
    }

    /// <summary>What the slot that runs here says of its way to the core; null where none answers.</summary>
    private static async Task<DoctorFinding?> RunningAsync(SlotSettings slot, CancellationToken cancellationToken)
    {
        if (slot.Page is null)
            return null;
        try
        {
            using HttpClient http = new() { Timeout = s_patience };
            byte[] answer = await http.GetByteArrayAsync(new Uri($"http://127.0.0.1:{slot.Page.Port}/status"), cancellationToken);
            if (JsonSerializer.Deserialize(answer, EdgeJson.Default.SlotStatus) is not { } status || status.Slot != slot.Options.SlotId)
                return null;
            string address = slot.Options.Broker.Address;
            return status.IsLinked
                ? new DoctorFinding("core", DoctorStatus.Ok, $"{address}, by the slot that runs here")
                : new DoctorFinding("core", DoctorStatus.Fail, $"{address}: {status.LinkError}", "the slot that runs here tries again by itself");
        }
        catch (Exception error) when (error is HttpRequestException or JsonException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>The slot's way to the broker, with its own user.</summary>
    private static async Task<DoctorFinding> WayAsync(MqttOptions broker, CancellationToken cancellationToken)
    {
        CheckResult? last = null;
        MqttOptions options = broker with { ClientId = MqttCheckCommand.ClientId() };
        await foreach (CheckResult result in new MqttCheck(options, MqttCheckCommand.WebSocketPort, needsWebSocket: false, TimeProvider.System).RunAsync(cancellationToken))
            last = result;
        return last!.IsFine
            ? new DoctorFinding("core", DoctorStatus.Ok, broker.Address)
            : new DoctorFinding("core", DoctorStatus.Fail, $"{broker.Address}: {CheckTexts.English.Steps[last.Step]}: {last.Detail}", CheckTexts.English.Faults[last.Fault]);
    }
}
