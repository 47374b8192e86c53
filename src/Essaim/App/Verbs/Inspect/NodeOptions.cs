using System.CommandLine;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Whom remote control asks and how long it waits; shared by <c>inspect</c> and <c>control</c>.</summary>
internal sealed class NodeOptions
{
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(1);

    private readonly Option<string?> _nodes = new("--destination", "-d") { HelpName = "NODE,NODE", Description = "Ask only these nodes [default: every node]" };
    private readonly Option<TimeSpan?>? _timeout;

    public NodeOptions(Command command, bool waits = true)
    {
        command.Add(_nodes);
        if (waits)
            command.Add(_timeout = DurationText.Option("--timeout", "How long to wait for answers [default: 1s]", "-t"));
    }

    /// <summary>The nodes named, or null for every node.</summary>
    public IReadOnlyList<string>? NodesOf(CommandContext context)
    {
        string[] nodes = (context.GetValue(_nodes) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return nodes.Length == 0 ? null : nodes;
    }

    /// <summary>Asks, and says on stderr which of the named nodes did not answer. The answers are sorted by node.</summary>
    /// <exception cref="AppException"><c>ESS4020</c> nobody answered.</exception>
    public async ValueTask<IReadOnlyList<ControlReply>> CallAsync(CommandContext context, string method, RawJson arguments, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        IReadOnlyList<string>? nodes = NodesOf(context);
        TimeSpan timeout = _timeout is null ? UsualTimeout : context.GetValue(_timeout) ?? UsualTimeout;
        IReadOnlyList<ControlReply> replies = await backend.Control.CallAsync(new ControlRequest(method, arguments, nodes), timeout, cancellationToken);
        if (replies.Count == 0)
        {
            throw new AppException(
                "ESS4020",
                $"No worker on {backend.DisplayUrl} answered within {DurationText.Show(timeout)}: {(nodes is null ? "none runs, or all are too busy" : $"asked were {string.Join(", ", nodes)}")}. Check the broker and the nodes, or wait longer with --timeout.",
                ExitCodes.NotFound);
        }

        foreach (string silent in (nodes ?? []).Where(node => replies.All(reply => reply.Node != node)))
            context.Output.Say($"{context.Definition.Name}: {silent} did not answer within {DurationText.Show(timeout)}.");
        return [.. replies.OrderBy(reply => reply.Node, StringComparer.Ordinal)];
    }
}
