using System.CommandLine;

namespace Essaim;

/// <summary><c>config watch</c>.</summary>
internal sealed class ConfigWatchCommand : AppCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Option<int?> _limit = new("--limit") { HelpName = "N", Description = "End after so many changes; what is published at the start is none [default: never]" };

    public ConfigWatchCommand()
        : base("watch", "Prints what is published, and each change, until it is stopped.")
    {
        Add(_limit);
        Examples = ["config watch", "config watch --limit 1 --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IConfigStore store = (await context.OpenBackendAsync(cancellationToken)).Configuration;
        ConfigSnapshot? before = null;
        int left = context.GetValue(_limit) ?? int.MaxValue;
        if (!context.Output.IsJson)
            context.Output.Say("Waiting for changes; Ctrl-C ends.");
        while (true)
        {
            try
            {
                await foreach (ConfigSnapshot now in store.WatchAsync(cancellationToken))
                {
                    if (now.Version == before?.Version)
                        continue;
                    Write(context, before, now);
                    if (before is not null && --left <= 0)
                        return ExitCodes.Ok;
                    before = now;
                }
            }
            catch (EssaimException away)
            {
                context.Output.Say($"The broker does not tell: {away.Message} Waiting for it.");
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static void Write(CommandContext context, ConfigSnapshot? before, ConfigSnapshot now)
    {
        IReadOnlyList<ConfigChange> changes = before is null ? [] : ConfigDiff.Between(before.Document, now.Document);
        if (context.Output.IsJson)
        {
            context.Output.JsonLine(new { published = ConfigVerbs.ToJson(now), changes = before is null ? null : ConfigVerbs.ToJson(changes) });
            return;
        }

        context.Output.Data(ConfigVerbs.Describe(now));
        if (before is not null && changes.Count == 0)
            context.Output.Data("  nothing differs");
        ConfigVerbs.WriteChanges(context, changes);
    }
}
