using System.Globalization;
using System.Net;
using Essaim.Edge;

namespace Essaim.Cli;

/// <summary>What a slot is told by options, environment and <c>.env</c>, in this order.</summary>
/// <param name="Options">What it is.</param>
/// <param name="Plan">Its lines.</param>
/// <param name="HasGpio">Buttons and lights are the kernel's.</param>
/// <param name="HasKeyboard">Keys of this terminal are the buttons.</param>
/// <param name="Page">Where the page listens; null without one.</param>
internal sealed record SlotSettings(SlotOptions Options, GpioPlan Plan, bool HasGpio, bool HasKeyboard, IPEndPoint? Page)
{
    /// <param name="lookUp">The value of a name, or null.</param>
    /// <param name="version">This program's.</param>
    /// <exception cref="AppException"><c>ESS4041</c>: everything that is wrong, in one text.</exception>
    public static SlotSettings Read(Func<string, string?> lookUp, string version) => new SlotSettingsReader(lookUp).Read(version);
}

/// <summary>Reads settings by their names, and gathers what is wrong with them.</summary>
internal sealed class SlotSettingsReader(Func<string, string?> lookUp)
{
    private readonly List<string> _wrong = [];

    public SlotSettings Read(string version)
    {
        string id = Text("SLOT_ID", "");
        if (!EdgeTopics.IsSlotId(id))
            _wrong.Add(id.Length == 0 ? "SLOT_ID (--id) is missing: the slot's name" : $"SLOT_ID '{id}' is no name: 1 to 32 of a-z, 0-9 and -");
        string host = Text("CORE_HOST", "");
        if (host.Length == 0)
            _wrong.Add("CORE_HOST (--core) is missing: the core's name or address");
        string? authority = lookUp("CORE_CA_FILE");
        bool isEncrypted = Switch("CORE_TLS", authority is not null);
        Dictionary<string, uint> buttons = Lines("SLOT_BUTTONS", "yes=17,no=27");
        Dictionary<string, uint> lights = Lines("SLOT_LIGHTS", "");
        foreach (string light in lights.Keys.Except(["accepted", "error", "link"]))
            _wrong.Add($"SLOT_LIGHTS names '{light}'; lights are accepted, error and link");
        foreach (IGrouping<uint, string> doubled in buttons.Concat(lights).GroupBy(line => line.Value, line => line.Key).Where(group => group.Count() > 1))
            _wrong.Add($"line {doubled.Key} is given to {string.Join(" and ", doubled)}");
        string gpio = Text("SLOT_GPIO", "kernel");
        if (gpio is not ("kernel" or "keyboard" or "none"))
            _wrong.Add($"SLOT_GPIO '{gpio}' is neither kernel, keyboard nor none");
        int port = Number("CORE_PORT", isEncrypted ? 8883 : 1883, 1, 65535);
        int page = Number("SLOT_PORT", 5173, 0, 65535);
        string listen = Text("SLOT_LISTEN", "127.0.0.1");
        if (!IPAddress.TryParse(listen, out IPAddress? address))
            _wrong.Add($"SLOT_LISTEN '{listen}' is no address, such as 127.0.0.1 or 0.0.0.0");
        int debounce = Number("SLOT_DEBOUNCE_MS", 20, 0, 1000);
        bool isActiveLow = Switch("SLOT_ACTIVE_LOW", true);
        bool hasPage = Switch("SLOT_PAGE", true);
        if (_wrong.Count > 0)
            throw new AppException("ESS4041", $"The slot cannot start: {string.Join("; ", _wrong)}. Give these as options, in the environment or in .env.");
        SlotOptions options = new()
        {
            SlotId = id,
            Broker = new MqttOptions
            {
                Host = host,
                Port = port,
                ClientId = id,
                UserName = lookUp("SLOT_PASSWORD") is null ? null : id,
                Password = lookUp("SLOT_PASSWORD"),
                Tls = isEncrypted ? new MqttTls(authority) : null,
            },
            DataFolder = Path.GetFullPath(Text("SLOT_DATA", ".essaim-slot")),
            Choices = [.. buttons.Keys],
            Firmware = version,
        };
        GpioPlan plan = new()
        {
            Inputs = buttons.ToDictionary(button => SlotOptions.InputOf(button.Key), button => button.Value),
            Outputs = lights.ToDictionary(light => "LED_" + light.Key.ToUpperInvariant(), light => light.Value),
            IsActiveLow = isActiveLow,
            Debounce = TimeSpan.FromMilliseconds(debounce),
        };
        if (lookUp("SLOT_GPIO_LABEL") is { Length: > 0 } label)
            plan = plan with { ChipLabels = [label] };
        return new SlotSettings(options, plan, gpio == "kernel", gpio == "keyboard", hasPage ? new IPEndPoint(address!, page) : null);
    }

    private string Text(string name, string otherwise) => lookUp(name) is { Length: > 0 } value ? value : otherwise;

    private bool Switch(string name, bool otherwise)
    {
        string text = Text(name, otherwise ? "yes" : "no");
        if (text is "yes" or "true" or "1" or "on")
            return true;
        if (text is not ("no" or "false" or "0" or "off"))
            _wrong.Add($"{name} '{text}' is neither yes nor no");
        return false;
    }

    private int Number(string name, int otherwise, int least, int most)
    {
        string text = Text(name, otherwise.ToString(CultureInfo.InvariantCulture));
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most)
            return value;
        _wrong.Add($"{name} '{text}' is no number from {least} to {most}");
        return otherwise;
    }

    private Dictionary<string, uint> Lines(string name, string otherwise)
    {
        Dictionary<string, uint> lines = [];
        foreach (string part in Text(name, otherwise).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = part.Split('=');
            if (sides.Length != 2 || !EdgeTopics.IsSlotId(sides[0]) || !uint.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint line) || line > 511)
                _wrong.Add($"{name} has '{part}', which is not NAME=LINE such as red=17");
            else if (!lines.TryAdd(sides[0], line))
                _wrong.Add($"{name} names '{sides[0]}' twice");
        }

        return lines;
    }
}
