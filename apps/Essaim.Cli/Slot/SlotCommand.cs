using System.CommandLine;
using System.Reflection;
using Essaim.Edge;
using Microsoft.Extensions.Logging;

namespace Essaim.Cli;

/// <summary><c>slot</c>: the program of a device with buttons and lights: agent and page in one process.</summary>
internal sealed class SlotCommand : AppCommand
{
    private readonly Dictionary<string, Option<string?>> _options = [];
    private readonly Option<string?> _file = new("--env-file") { HelpName = "FILE", Description = "File of NAME=VALUE lines [default: .env, where there is one]" };
    private readonly Option<bool> _noPage = new("--no-page") { Description = "Do without the page on port 5173 (SLOT_PAGE=no)" };
    private readonly Option<LogLevel> _level = new("--log-level") { HelpName = "LEVEL", Description = "Trace, Debug, Information, Warning or Error", DefaultValueFactory = _ => LogLevel.Information };

    public SlotCommand()
        : base("slot", "Runs a device with buttons and lights: presses become votes, kept on its disk until the core has counted them.", usesBroker: false, hasFormat: false)
    {
        AddSetting("--core", "CORE_HOST", "HOST", "The core's name or address");
        AddSetting("--core-port", "CORE_PORT", "PORT", "Its MQTT port [default: 1883, with TLS 8883]");
        AddSetting("--ca-file", "CORE_CA_FILE", "FILE", "PEM file of the authority of the core's certificate; turns TLS on");
        AddSetting("--id", "SLOT_ID", "ID", "This slot's name: 1 to 32 of a-z, 0-9 and -");
        AddSetting("--buttons", "SLOT_BUTTONS", "NAME=LINE,…", "Choices and the GPIO lines of their buttons [default: yes=17,no=27]");
        AddSetting("--lights", "SLOT_LIGHTS", "NAME=LINE,…", "GPIO lines of the lights accepted, error and link");
        AddSetting("--gpio", "SLOT_GPIO", "kernel|keyboard|none", "Where buttons and lights are; keyboard: keys 1 to 9 of this terminal; none: on the page alone [default: kernel]");
        AddSetting("--gpio-label", "SLOT_GPIO_LABEL", "LABEL", "Label of the GPIO chip [default: that of a Raspberry Pi's header]");
        AddSetting("--data", "SLOT_DATA", "FOLDER", "Where votes are kept [default: .essaim-slot]");
        AddSetting("--listen", "SLOT_LISTEN", "ADDRESS", "Where the page listens [default: 127.0.0.1]");
        AddSetting("--port", "SLOT_PORT", "PORT", "Port of the page [default: 5173]");
        Add(_noPage);
        Add(_file);
        Add(_level);
        Examples = ["slot --core core.local --id slot-01 --buttons red=17,blue=27 --lights accepted=22,error=23", "slot --core 127.0.0.1 --id test --gpio keyboard"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        SlotSettings settings = SlotSettings.Read(LookUp(context), Version());
        FolderUndo.Prepare(settings.Options.DataFolder);
        using DataFolderLock only = TakeFolder(settings.Options.DataFolder);
        using ILoggerFactory logging = AppLogging.Create(context.GetValue(_level));
        using SystemdNotifier systemd = new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));
        List<string> loops = [SlotAgent.MqttLoop, SlotAgent.SenderLoop];
        if (settings.HasGpio)
            loops.Add(SlotAgent.GpioLoop);
        Watchdog watchdog = new(loops, systemd.FeedWatchdog);
        using IGpio gpio = settings.HasGpio
            ? KernelGpio.Open(new LibcGpioKernel(), settings.Plan, () => watchdog.Turn(SlotAgent.GpioLoop))
            : new StandInGpio(settings.Plan.Inputs.Keys, [SlotLights.Accepted, SlotLights.Error, SlotLights.Link]);
        using SlotAgent agent = new(
            settings.Options, gpio, new LinuxMachine(), watchdog, new FileJournalDisk(), TimeProvider.System, logging.CreateLogger<SlotAgent>(), Random.Shared);
        await using SlotPage? page = settings.Page is null ? null : await SlotPage.StartAsync(settings.Page, agent, TimeProvider.System, cancellationToken);
        context.Output.Say($"Slot {settings.Options.SlotId} runs; its core is {settings.Options.Broker.Address}, its votes are kept in {settings.Options.DataFolder}.");
        if (page is not null)
            context.Output.Say($"Its page is at {page.Url}");
        if (settings.HasKeyboard)
            KeyboardButtons.Attach((StandInGpio)gpio, settings.Options.Choices, context.Output);
        systemd.Ready();
        bool restarts = await agent.RunAsync(cancellationToken);
        systemd.Stopping();
        // Started anew by systemd (Restart=always), which is what the core asked for.
        return restarts || cancellationToken.IsCancellationRequested ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static DataFolderLock TakeFolder(string folder)
    {
        try
        {
            return DataFolderLock.Take(folder);
        }
        catch (AppException error) when (error.InnerException is IOException && File.Exists(Path.Combine(folder, DataFolderLock.FileName)))
        {
            throw new AppException("ESS4043", $"Another slot keeps its votes in '{folder}'. Stop it, or give another folder with --data.", inner: error);
        }
    }

    private static string Version() => typeof(SlotCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    private void AddSetting(string name, string variable, string helpName, string description)
    {
        Option<string?> option = new(name) { HelpName = helpName, Description = $"{description} ({variable})" };
        _options.Add(variable, option);
        Add(option);
    }

    private Func<string, string?> LookUp(CommandContext context)
    {
        string? named = context.GetValue(_file);
        IReadOnlyDictionary<string, string> file = named is not null || File.Exists(".env") ? EnvironmentFile.Read(named ?? ".env") : new Dictionary<string, string>();
        bool noPage = context.GetValue(_noPage);
        return name => (noPage && name == "SLOT_PAGE" ? "no" : null)
            ?? (_options.TryGetValue(name, out Option<string?>? option) ? context.GetValue(option) : null)
            ?? Environment.GetEnvironmentVariable(name) ?? file.GetValueOrDefault(name);
    }
}
