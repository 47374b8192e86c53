using System.CommandLine;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>One question to every worker: <c>inspect ping</c>, <c>inspect active</c>…</summary>
internal class InspectVerb : AppCommand
{
    private readonly string _method;
    private readonly InspectTable _table;
    private readonly NodeOptions _nodes;

    /// <param name="name">As on the command line.</param>
    /// <param name="method">As on the wire.</param>
    /// <param name="description">One sentence.</param>
    /// <param name="table">How answers are shown.</param>
    public InspectVerb(string name, string method, string description, InspectTable table)
        : base(name, description)
    {
        _method = method;
        _table = table;
        _nodes = new NodeOptions(this);
        Examples = [$"inspect {name}", $"inspect {name} -d celery@host1,celery@host2 --timeout 5s --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IReadOnlyList<ControlReply> replies = await _nodes.CallAsync(context, _method, ArgumentsOf(context), cancellationToken);
        return ReplyWriter.Write(context, replies, _table);
    }

    /// <summary>The arguments on the wire.</summary>
    protected virtual RawJson ArgumentsOf(CommandContext context) => RawJson.EmptyObject;
}

/// <summary><c>inspect query-task</c>.</summary>
internal sealed class QueryTaskVerb : InspectVerb
{
    private readonly Argument<string[]> _ids = new("ID") { Arity = ArgumentArity.OneOrMore, Description = "Ids of tasks" };

    public QueryTaskVerb()
        : base("query-task", "query_task", "Shows what workers know of tasks by their ids.", InspectTable.Queried)
    {
        Add(_ids);
        Examples = ["inspect query-task 3f2c… 77ab…", "inspect query-task 3f2c… --format json"];
    }

    protected override RawJson ArgumentsOf(CommandContext context) => RawJson.From(new Dictionary<string, string[]> { ["ids"] = context.GetValue(_ids)! });
}

/// <summary><c>inspect conf</c>.</summary>
internal sealed class ConfVerb : InspectVerb
{
    private readonly Option<bool> _all = new("--with-defaults") { Description = "Settings nobody changed, too" };

    public ConfVerb()
        : base("conf", "conf", "Shows the settings of workers.", InspectTable.Settings) => Add(_all);

    protected override RawJson ArgumentsOf(CommandContext context) => RawJson.From(new Dictionary<string, bool> { ["with_defaults"] = context.GetValue(_all) });
}

/// <summary><c>inspect report</c>: lines of text, so no table.</summary>
internal sealed class ReportVerb : AppCommand
{
    private readonly NodeOptions _nodes;

    public ReportVerb()
        : base("report", "Shows the report workers write for bug reports.")
    {
        _nodes = new NodeOptions(this);
        Examples = ["inspect report", "inspect report -d celery@host1"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IReadOnlyList<ControlReply> replies = await _nodes.CallAsync(context, "report", RawJson.EmptyObject, cancellationToken);
        if (context.Output.IsJson)
            return ReplyWriter.Write(context, replies, InspectTable.Values);
        foreach (ControlReply reply in replies)
        {
            JsonElement value = reply.Value.Deserialize<JsonElement>();
            context.Output.Data($"{reply.Node}:");
            string text = JsonCell.Get(value, "ok") is { ValueKind: JsonValueKind.String } ok ? ok.GetString()! : JsonCell.Of(value);
            foreach (string line in text.Trim('\n').Split('\n'))
                context.Output.Data($"  {JsonCell.Plain(line)}".TrimEnd());
        }

        return ReplyWriter.ExitCodeOf(replies);
    }
}
