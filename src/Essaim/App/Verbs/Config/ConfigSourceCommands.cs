using System.CommandLine;

namespace Essaim;

/// <summary><c>config validate</c>.</summary>
internal sealed class ConfigValidateCommand : AppCommand
{
    private readonly Argument<string?> _file = ConfigVerbs.FileArgument();
    private readonly Option<string?> _environment = new("--environment") { HelpName = "NAME", Description = "Only this environment [default: all, and none]" };

    public ConfigValidateCommand()
        : base("validate", "Checks a file and lists all its mistakes, each with its line and what to do.", usesBroker: false)
    {
        Add(_file);
        Add(_environment);
        Examples = ["config validate", "config validate essaim.queues.yaml --environment prod", "config validate --format json"];
    }

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string file = ConfigVerbs.FileOf(context.GetValue(_file));
        try
        {
            IReadOnlyList<string> environments = context.GetValue(_environment) is { } one ? [one] : ConfigSource.CheckAll(file);
            ConfigSource source = ConfigSource.Load(file, context.GetValue(_environment));
            Write(context, file, source, environments);
            return Task.FromResult(ExitCodes.Ok);
        }
        catch (ConfigException wrong) when (wrong.Mistakes.Count > 0 && context.Output.IsJson)
        {
            context.Output.Json(new { file, valid = false, mistakes = wrong.Mistakes.Select(mistake => new { mistake.Line, mistake.Column, mistake.Path, mistake.Problem, mistake.Fix }) });
            return Task.FromResult(ExitCodes.Unusable);
        }
    }

    private static void Write(CommandContext context, string file, ConfigSource source, IReadOnlyList<string> environments)
    {
        FleetConfiguration read = source.Configuration;
        if (context.Output.IsJson)
        {
            context.Output.Json(new { file, valid = true, revision = read.Revision, hash = read.Hash, queues = read.Queues.Count, routes = read.Document.Routes.Count, settings = read.Document.Base.Count, environments });
            return;
        }

        string checkedToo = environments.Count > 0 ? $"; environments {string.Join(", ", environments)}" : "";
        context.Output.Data($"{file} is right: revision {read.Revision}, {read.Queues.Count} queues, {read.Document.Routes.Count} routes, {read.Document.Base.Count} settings{checkedToo}");
        string unrouted = read.Base.DefaultQueue ?? "celery";
        if (read.Queues.Count > 0 && read.FindQueue(unrouted) is null)
            context.Output.Say($"Tasks no route fits go to '{unrouted}', which is not among the queues. Define it, route '*', or set task_default_queue.");
    }
}

/// <summary><c>config publish</c>.</summary>
internal sealed class ConfigPublishCommand : AppCommand
{
    private readonly Argument<string?> _file = ConfigVerbs.FileArgument();
    private readonly Option<string?> _environment = ConfigVerbs.EnvironmentOption();
    private readonly Option<bool> _force = new("--force") { Description = "Also where its revision is not above the published one" };

    public ConfigPublishCommand()
        : base("publish", "Publishes a file for the whole fleet, which follows at once.")
    {
        Add(_file);
        Add(_environment);
        Add(_force);
        Examples = ["config publish", "config publish essaim.queues.yaml --environment prod --broker redis://localhost:6379/0"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        ConfigSource source = ConfigVerbs.Load(context, context.GetValue(_file), context.GetValue(_environment));
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        ConfigDocument before = (await backend.Configuration.ReadAsync(cancellationToken))?.Document ?? ConfigDocument.Empty;
        ConfigSnapshot published = await (await ConfigVerbs.OpenPublisherAsync(context, cancellationToken)).PublishAsync(source, context.GetValue(_force), cancellationToken);
        ConfigVerbs.WritePublished(context, before, published);
        return ExitCodes.Ok;
    }
}

/// <summary><c>config schema</c>.</summary>
internal sealed class ConfigSchemaCommand : AppCommand
{
    public ConfigSchemaCommand()
        : base("schema", "Prints the JSON schema of the file, for editors.", usesBroker: false, hasFormat: false) => Examples = ["config schema > essaim.queues.schema.json"];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        context.Output.Data(ConfigSchema.Write().TrimEnd());
        return Task.FromResult(ExitCodes.Ok);
    }
}
