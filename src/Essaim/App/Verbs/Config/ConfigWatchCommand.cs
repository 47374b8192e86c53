namespace Essaim;

/// <summary><c>config watch</c>.</summary>
internal sealed class ConfigWatchCommand : AppCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public ConfigWatchCommand()
        : base("watch", "Prints each change as it is published, until it is stopped.") => Examples = ["config watch", "config watch --format json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IConfigStore store = (await context.OpenBackendAsync(cancellationToken)).Configuration;
        ConfigSnapshot? before = null;
        if (!context.Output.IsJson)
            context.Output.Say("Waiting for changes; Ctrl-C ends.");
        while (true)
        {
            try
            {
                await foreach (ConfigSnapshot now in store.WatchAsync(cancellationToken))
                {
                    if (now.Version != before?.Version)
                        Write(context, before, now);
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
