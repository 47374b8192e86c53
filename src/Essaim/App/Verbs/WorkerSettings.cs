using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>The options that say how a worker runs; shared by <c>worker</c> and by <c>up</c>.</summary>
internal sealed class WorkerSettings(LogLevel level = LogLevel.Information)
{
    private readonly Option<(int Max, int Min)?> _autoscale = new("--autoscale")
    {
        HelpName = "MAX,MIN",
        Description = "Most and fewest slots; 0 as the fewest starts children on demand",
        CustomParser = ParseAutoscale,
    };

    private readonly Option<TimeSpan?> _targetWait = DurationText.Option("--target-wait", "With --autoscale: how long a task should wait for a slot at most [default: 1s]");
    private readonly Option<TimeSpan?> _scaleDownAfter = DurationText.Option("--scale-down-after", "With --autoscale: end a slot after so long without work [default: 30s]");
    private readonly Option<long?> _memoryBudget = SizeText.Option("--memory-budget", "With --autoscale: start no child past so much memory [default: what the service may have, else 80%]");
    private readonly Option<int?> _concurrency = new("--concurrency", "-c") { HelpName = "N", Description = "Slots, always as many [default: one a core]" };
    private readonly Option<string?> _queues = new("--queues", "-Q") { HelpName = "A,B", Description = "Queues to serve [default: all that are configured, else celery]" };
    private readonly Option<string?> _config = new("--config") { HelpName = "FILE", Description = $"Configuration to publish for the whole fleet [default: {FleetStart.FileVariable}, else {ConfigSource.DefaultFile} where there is one]" };
    private readonly Option<string?> _environment = new("--environment") { HelpName = "NAME", Description = $"Which environment of that file [default: {FleetStart.EnvironmentVariable}, else none]" };
    private readonly Option<WorkerPool?> _pool = new("--pool", "-P") { HelpName = "processes|threads", Description = "What runs tasks [default: processes]" };
    private readonly Option<string?> _hostname = new("--hostname", "-n") { HelpName = "NAME@HOST", Description = "Node name; %h is the host [default: celery@%h]" };
    private readonly Option<string[]> _labels = new("--label") { HelpName = "NAME[=VALUE]", Description = "What tasks may require of this node; may be given again", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _events = new("--task-events", "-E") { Description = "Send events of every task; the default" };
    private readonly Option<bool> _noEvents = new("--no-events") { Description = "Send no events of tasks until remote control asks for them" };
    private readonly Option<TimeSpan?> _heartbeat = DurationText.Option("--heartbeat", "Time between heartbeats [default: 2s]");
    private readonly Option<bool> _withoutHeartbeat = new("--without-heartbeat") { Description = "Send no heartbeats" };
    private readonly Option<bool> _withoutMingle = new("--without-mingle") { Description = "Do not ask other workers at the start what is revoked" };
    private readonly Option<bool> _withoutGossip = new("--without-gossip") { Description = "As for Celery; has no effect, workers here do not gossip" };
    private readonly Option<TimeSpan?> _claimAgeLimit = DurationText.Option("--claim-age-limit", "Claim anew when the broker has not answered for so long [default: 60s]");
    private readonly Option<int?> _maxTasks = new("--max-tasks") { HelpName = "N", Description = "End after this many tasks" };
    private readonly Option<int?> _maxTasksPerChild = new("--max-tasks-per-child") { HelpName = "N", Description = "Replace a child after this many tasks; 0: never [default: 500, at 60s of age at the earliest]" };
    private readonly Option<int?> _tasksPerSharedChild = new("--tasks-per-shared-child") { HelpName = "N", Description = "Tasks of io and api queues that share a child at once; 1: none do [default: 8]" };
    private readonly Option<long?> _maxMemoryPerChild = SizeText.Option("--max-memory-per-child", "Replace a child that has grown larger, once it is idle");
    private readonly Option<long?> _memoryLimitPerChild = SizeText.Option("--memory-limit-per-child", "Kill a child that has grown larger, whatever it does");
    private readonly Option<TimeSpan?> _killGrace = DurationText.Option("--kill-grace", "Between SIGTERM and SIGKILL for what a task has started [default: 2s]");
    private readonly Option<TimeSpan?> _timeLimit = DurationText.Option("--time-limit", "End tasks that run longer");
    private readonly Option<TimeSpan?> _softTimeLimit = DurationText.Option("--soft-time-limit", "Ask tasks that run longer to stop");
    private readonly Option<TimeSpan?> _lease = DurationText.Option("--lease", "How soon others take over what a dead worker held [default: 30s]");
    private readonly Option<long?> _compressAbove = CompressionSetting.Option();
    private readonly Option<LogLevel?> _logLevel = new("--loglevel", "-l")
    {
        HelpName = "LEVEL",
        Description = $"debug, information, warning, error [default: {level.ToString().ToLowerInvariant()}]",
        CustomParser = ParseLevel,
    };

    public void AddTo(Command command)
    {
        foreach (Option<int?> count in (Option<int?>[])[_concurrency, _maxTasks, _tasksPerSharedChild])
            count.Validators.Add(RequirePositive);
        _maxTasksPerChild.Validators.Add(RequireNotNegative);
        foreach (Option option in (Option[])[_autoscale, _targetWait, _scaleDownAfter, _memoryBudget, _concurrency, _queues, _config, _environment, _pool, _hostname, _labels, _events, _noEvents, _heartbeat, _withoutHeartbeat, _withoutMingle, _withoutGossip, _maxTasks, _maxTasksPerChild, _tasksPerSharedChild, _maxMemoryPerChild, _memoryLimitPerChild, _timeLimit, _softTimeLimit, _killGrace, _lease, _claimAgeLimit, _compressAbove, _logLevel])
            command.Add(option);
    }

    public LogLevel LevelOf(CommandContext context) => context.GetValue(_logLevel) ?? level;

    /// <summary>The configuration to publish; null: none.</summary>
    /// <exception cref="ConfigException">It has mistakes, or cannot be read.</exception>
    public ConfigSource? FindSource(CommandContext context) => FleetStart.FindSource(context.Definition, context.GetValue(_config), context.GetValue(_environment));

    /// <summary>Puts what the command line says over the program's own settings.</summary>
    public void Apply(CommandContext context, WorkerOptions options)
    {
        if (context.GetValue(_autoscale) is var (max, min))
            (options.MaxConcurrency, options.MinConcurrency) = (max, min);
        if (context.GetValue(_concurrency) is { } slots)
            (options.MaxConcurrency, options.MinConcurrency) = (slots, slots);
        options.TargetWait = context.GetValue(_targetWait) ?? options.TargetWait;
        options.ScaleDownAfter = context.GetValue(_scaleDownAfter) ?? options.ScaleDownAfter;
        options.MemoryBudget = context.GetValue(_memoryBudget) ?? options.MemoryBudget;
        if (context.GetValue(_queues) is { } queues)
            (options.Queues, options.ServesAll) = (queues.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), false);
        options.Pool = context.GetValue(_pool) ?? options.Pool;
        options.NodeName = context.GetValue(_hostname) ?? options.NodeName;
        if (context.GetValue(_labels) is { Length: > 0 } labels)
            options.Labels = labels;
        options.TaskEvents = (options.TaskEvents || context.GetValue(_events)) && !context.GetValue(_noEvents);
        options.Heartbeat = context.GetValue(_withoutHeartbeat) ? TimeSpan.Zero : context.GetValue(_heartbeat) ?? options.Heartbeat;
        options.Mingle &= !context.GetValue(_withoutMingle);
        options.ClaimAgeLimit = context.GetValue(_claimAgeLimit) ?? options.ClaimAgeLimit;
        options.MaxTasks = context.GetValue(_maxTasks) ?? options.MaxTasks;
        options.MaxTasksPerChild = context.GetValue(_maxTasksPerChild) ?? options.MaxTasksPerChild;
        options.TasksPerSharedChild = context.GetValue(_tasksPerSharedChild) ?? options.TasksPerSharedChild;
        options.MaxMemoryPerChild = context.GetValue(_maxMemoryPerChild) ?? options.MaxMemoryPerChild;
        options.MemoryLimitPerChild = context.GetValue(_memoryLimitPerChild) ?? options.MemoryLimitPerChild;
        options.KillGrace = context.GetValue(_killGrace) ?? options.KillGrace;
        options.HardTimeLimit = context.GetValue(_timeLimit) ?? options.HardTimeLimit;
        options.SoftTimeLimit = context.GetValue(_softTimeLimit) ?? options.SoftTimeLimit;
        options.Lease = context.GetValue(_lease) ?? options.Lease;
        NoteGiven(context, options);
        CompressionSetting.Use(context.GetValue(_compressAbove));
    }

    private void NoteGiven(CommandContext context, WorkerOptions options)
    {
        (bool Given, string Name)[] all =
        [
            (context.GetValue(_autoscale) is not null || context.GetValue(_concurrency) is not null, nameof(WorkerOptions.MaxConcurrency)),
            (context.GetValue(_pool) is not null, nameof(WorkerOptions.Pool)),
            (context.GetValue(_withoutHeartbeat) || context.GetValue(_heartbeat) is not null, nameof(WorkerOptions.Heartbeat)),
            (context.GetValue(_maxTasksPerChild) is not null, nameof(WorkerOptions.MaxTasksPerChild)),
            (context.GetValue(_maxMemoryPerChild) is not null, nameof(WorkerOptions.MaxMemoryPerChild)),
            (context.GetValue(_timeLimit) is not null, nameof(WorkerOptions.HardTimeLimit)),
            (context.GetValue(_softTimeLimit) is not null, nameof(WorkerOptions.SoftTimeLimit)),
        ];
        options.OnCommandLine.UnionWith(all.Where(one => one.Given).Select(one => one.Name));
    }

    internal static (int Max, int Min)? ParseAutoscale(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string[] parts = text.Split(',');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int max)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int min)
            && max >= 1 && min <= max)
        {
            return (max, min);
        }

        result.AddError($"'{text}' is not MAX,MIN. Give two numbers, the larger first, such as --autoscale 4,1.");
        return null;
    }

    private static LogLevel? ParseLevel(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string name = text.ToUpperInvariant() switch
        {
            "INFO" => "Information",
            "WARN" => "Warning",
            _ => text,
        };
        if (Enum.TryParse(name, ignoreCase: true, out LogLevel level) && Enum.IsDefined(level))
            return level;
        result.AddError($"'{text}' is not a log level. Give trace, debug, information, warning, error, critical or none.");
        return null;
    }

    private static void RequireNotNegative(OptionResult result)
    {
        if (result.GetValueOrDefault<int?>() is < 0)
            result.AddError($"{result.Option.Name} must be at least 0.");
    }

    private static void RequirePositive(OptionResult result)
    {
        if (result.GetValueOrDefault<int?>() is < 1)
            result.AddError($"{result.Option.Name} must be at least 1.");
    }
}
