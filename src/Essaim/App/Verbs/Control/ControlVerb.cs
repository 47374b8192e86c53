using Essaim.Protocol;

namespace Essaim;

/// <summary>An order to workers that they answer.</summary>
internal class ControlVerb : AppCommand
{
    private readonly string _method;
    private readonly NodeOptions _nodes;

    /// <param name="name">As on the command line; on the wire it has underscores.</param>
    /// <param name="description">One sentence.</param>
    public ControlVerb(string name, string description)
        : base(name, description)
    {
        _method = name.Replace('-', '_');
        _nodes = new NodeOptions(this);
        Examples = [$"control {name}", $"control {name} -d celery@host1,celery@host2 --timeout 5s --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        RawJson arguments = RawJson.From(ArgumentsOf(context));
        return ReplyWriter.Write(context, await _nodes.CallAsync(context, _method, arguments, cancellationToken), Answers);
    }

    /// <summary>Names and values as Celery has them.</summary>
    protected virtual Dictionary<string, object?> ArgumentsOf(CommandContext context) => [];

    internal static InspectTable Answers { get; } = new(
        ["ANSWER"], value => [[JsonCell.Get(value, "error") is { } error ? $"error: {JsonCell.Of(error)}" : JsonCell.Of(JsonCell.Get(value, "ok") ?? value)]]);
}
