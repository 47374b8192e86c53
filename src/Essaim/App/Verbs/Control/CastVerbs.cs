using System.CommandLine;
using Essaim.Protocol;

namespace Essaim;

/// <summary>An order to workers that they do not answer.</summary>
internal abstract class CastVerb : AppCommand
{
    private readonly NodeOptions _nodes;

    protected CastVerb(string name, string description)
        : base(name, description, hasFormat: false)
    {
        _nodes = new NodeOptions(this, waits: false);
        Examples = [$"control {name}", $"control {name} -d celery@host1,celery@host2"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        IReadOnlyList<string>? nodes = _nodes.NodesOf(context);
        string whom = nodes is null ? "every worker" : string.Join(", ", nodes);
        if (!MayDo(context, $"{whom} on {backend.DisplayUrl}"))
            return ExitCodes.Unusable;
        await backend.Control.CastAsync(new ControlRequest(Name, RawJson.EmptyObject, nodes), cancellationToken);
        context.Output.Say($"{Name} was sent to {whom}; workers do not answer it.");
        return ExitCodes.Ok;
    }

    /// <summary>False: it was not meant.</summary>
    protected virtual bool MayDo(CommandContext context, string whom) => true;
}

/// <summary><c>control heartbeat</c>.</summary>
internal sealed class HeartbeatVerb() : CastVerb("heartbeat", "Makes workers announce themselves at once.");

/// <summary><c>control shutdown</c>.</summary>
internal sealed class ShutdownVerb : CastVerb
{
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };

    public ShutdownVerb()
        : base("shutdown", "Stops workers; what runs is finished before.")
    {
        Add(_yes);
        Examples = ["control shutdown -d celery@host1", "control shutdown --yes"];
    }

    protected override bool MayDo(CommandContext context, string whom) =>
        context.GetValue(_yes) || Question.Ask(context, "control shutdown asks before it stops workers", $"Stop {whom}? [y/N] ", "Nothing stopped.");
}
