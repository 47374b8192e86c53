using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary><c>worker</c>: runs tasks until it is stopped.</summary>
internal sealed class WorkerCommand : AppCommand
{
    public const string Verb = "worker";

    private readonly WorkerSettings _settings = new();
    private readonly Option<bool> _beat = new("--beat", "-B") { Description = "Fire schedules, too" };
    private readonly Option<string?> _wake = new("--wake")
    {
        HelpName = "track|poll|keyspace",
        Description = "How Redis tells of messages other programs sent: by tracking lists, when looked at, by notices [default: track]",
    };

    private readonly IReadOnlyList<IWorkerAddition> _additions;

    public WorkerCommand(IReadOnlyList<IWorkerAddition> additions)
        : base(Verb, "Runs tasks until it is stopped: the first Ctrl-C or SIGTERM lets running tasks finish, the second gives them back.", hasFormat: false)
    {
        _settings.AddTo(this);
        Add(_beat);
        Add(_wake);
        _additions = additions;
        foreach (IWorkerAddition addition in additions)
            addition.AddTo(this);
        Examples =
        [
            "worker --autoscale 4,1",
            "worker -Q mail,celery --pool threads -c 20",
            "worker --config essaim.queues.yaml --environment prod",
            "worker --broker redis://localhost:6379/0 -n pi@%h -E",
        ];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string url = UrlOf(context);
        WorkerOptions options = context.Definition.Worker;
        _settings.Apply(context, options);
        ConfigSource? source = _settings.FindSource(context);
        using ILoggerFactory logging = AppLogging.Create(_settings.LevelOf(context));
        MakeFallbackFolder(context.BrokerUrl);
        await using IBackend backend = await BackendOpener.OpenAsync(url, new BackendContext(TimeProvider.System, logging), cancellationToken);
        LiveConfiguration live = await FleetStart.BeginAsync(source, options, backend, logging, cancellationToken);
        await using WorkerDuties duties = new(_additions, context, logging);
        await using LocalWorker worker = new(context.Definition, options, backend, url, logging, live, source, context.GetValue(_beat));
        WriteBanner(context, worker, options, backend);
        await worker.RunAsync(cancellationToken, context.StopNow);
        return ExitCodes.Ok;
    }

    /// <summary>Ways to wake are Redis' own, so the option is one of its URL.</summary>
    private string UrlOf(CommandContext context)
    {
        string url = context.BrokerUrl;
        if (context.GetValue(_wake) is not { } wake)
            return url;
        if (url.StartsWith("sqlite:", StringComparison.Ordinal) || url.StartsWith("memory:", StringComparison.Ordinal))
            throw new AppException("ESS4001", $"--wake is for Redis; {url} wakes its workers at once. Leave it out.");
        return $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}wake={wake}";
    }

    private static void MakeFallbackFolder(string brokerUrl)
    {
        if (brokerUrl == AppDefinition.FallbackBroker)
            Directory.CreateDirectory(Path.GetDirectoryName(AppDefinition.FallbackBroker["sqlite:".Length..])!);
    }

    private void WriteBanner(CommandContext context, LocalWorker worker, WorkerOptions options, IBackend backend)
    {
        string slots = options.MinConcurrency is { } min && min != options.MaxConcurrency ? $"{min} to {options.MaxConcurrency}" : $"{options.MaxConcurrency}";
        string pool = options.Pool == WorkerPool.Processes ? "child processes" : "threads";
        context.Output.Say($"{context.Definition.Name} worker {worker.NodeName}");
        context.Output.Say($"  broker  {backend.DisplayUrl}");
        context.Output.Say($"  queues  {string.Join(", ", worker.Queues)}");
        context.Output.Say($"  slots   {slots} ({pool}){(context.GetValue(_beat) ? ", with beat" : "")}");
    }
}
