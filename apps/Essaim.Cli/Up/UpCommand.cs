using System.CommandLine;
using Essaim.Server;
using Microsoft.Extensions.Logging;

namespace Essaim.Cli;

/// <summary><c>up</c>: core, beat and a local worker in one process, on files in one folder.</summary>
internal sealed class UpCommand : AppCommand
{
    private readonly Option<string> _data = DataOption.Create();
    private readonly Option<string> _url = new("--url") { HelpName = "URL", Description = "Address of the HTTP API", DefaultValueFactory = _ => "http://127.0.0.1:8000" };
    private readonly Option<string?> _broker = new("--broker") { HelpName = "URL", Description = "Broker of the fleet, such as redis://HOST:6379/0; the core's own files stay in the folder [default: a file in it]" };
    private readonly Option<bool> _noWorker = new("--no-worker") { Description = "Start the core and beat only" };
    private readonly Option<bool> _metricsOpen = new("--metrics-open") { Description = "Let everybody on this machine read /metrics, without the admin key" };
    private readonly Option<string?> _edgePage = new("--edge-page-url") { HelpName = "URL", Description = "A second address of the pages, where the operator's page used to be, such as http://127.0.0.1:3000" };
    private readonly EdgeSettings _edge = new();
    private readonly FunctionSettings _functions = new();
    private readonly WorkerSettings _settings = new(LogLevel.Warning);
    private readonly WarmAddition _warm = new();
    private readonly PlanAddition _plan = new();

    public UpCommand()
        : base("up", "Starts everything on this machine: the HTTP API, schedules and a worker, on files in one folder.", usesBroker: false, hasFormat: false)
    {
        Add(_data);
        Add(_url);
        Add(_broker);
        Add(_noWorker);
        Add(_metricsOpen);
        _edge.AddTo(this);
        _functions.AddTo(this);
        Add(_edgePage);
        _settings.AddTo(this);
        _warm.AddTo(this);
        _plan.AddTo(this);
        Examples = ["up", "up --data /var/lib/essaim --url http://127.0.0.1:9000", "up --autoscale 8,2 -Q celery,mail", "up --broker redis://localhost:6379/0 --no-worker", "up --mqtt 127.0.0.1", "up --mqtt 127.0.0.1 --edge-page-url http://127.0.0.1:3000"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string folder = Path.GetFullPath(context.GetValue(_data)!);
        FolderUndo undo = FolderUndo.Prepare(folder);
        bool isUp = false;
        ConfigSource? source = _settings.FindSource(context);
        try
        {
            using DataFolderLock only = DataFolderLock.Take(folder);
            using ILoggerFactory logging = AppLogging.Create(_settings.LevelOf(context));
            string broker = context.GetValue(_broker) ?? "sqlite:" + Path.Combine(folder, "essaim.db");
            ServerOptions options = new()
            {
                Url = context.GetValue(_url)!,
                DataFolder = folder,
                BackendUrl = broker,
                OpenMetrics = context.GetValue(_metricsOpen),
                Logging = logging,
                Edge = _edge.Read(context),
                Functions = _functions.Read(context, _plan.Read(context)),
                EdgePageUrl = context.GetValue(_edgePage),
            };
            await using EssaimServer core = await EssaimServer.StartAsync(options, cancellationToken);
            await using WorkerDuties duties = new(context.GetValue(_noWorker) ? [] : [_warm, _plan], context, logging);
            await using LocalWorker worker = await CreateWorkerAsync(context, source, core.Backend, broker, logging, cancellationToken);
            isUp = true;
            await RunAsync(context, folder, core, worker, cancellationToken);
            return ExitCodes.Ok;
        }
        catch (Exception error) when (!isUp && error is not AppException { Code: "ESS4011" })
        {
            undo.Undo();
            throw;
        }
    }

    private async Task RunAsync(CommandContext context, string folder, EssaimServer core, LocalWorker worker, CancellationToken cancellationToken)
    {
        new CoreFile(core.Url, Environment.ProcessId, core.AdminKeyFile).Write(folder);
        try
        {
            UpBanner.Write(context.Output, folder, core, context.GetValue(_noWorker) ? null : worker, _edge.Read(context));
            if (context.GetValue(_noWorker))
                await worker.RunBeatAsync(cancellationToken);
            else
                await worker.RunAsync(cancellationToken, context.StopNow);
        }
        finally
        {
            CoreFile.Delete(folder);
            await core.StopAsync(CancellationToken.None);
        }
    }

    private async Task<LocalWorker> CreateWorkerAsync(
        CommandContext context, ConfigSource? source, IBackend backend, string broker, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        WorkerOptions options = context.Definition.Worker;
        (options.MaxConcurrency, options.MinConcurrency, options.TaskEvents) = (Environment.ProcessorCount, 1, true);
        _settings.Apply(context, options);
        LiveConfiguration live = await FleetStart.BeginAsync(source, options, backend, logging, cancellationToken);
        return new LocalWorker(context.Definition, options, backend, broker, logging, live, source, beat: true);
    }
}
