using Essaim.Protocol;

namespace Essaim;

/// <summary>What workers tell each other, and the end: <c>hello</c>, <c>clock</c>, <c>election</c>, <c>shutdown</c>.</summary>
internal sealed class NodeCommands(ControlledWorker worker)
{
    public void AddTo(ControlCommands commands)
    {
        commands.Add(Hello, "hello");
        commands.Add(_ => RawJson.From(new Dictionary<string, long> { ["clock"] = worker.Node.Clock }), "clock");
        // Nothing is elected among workers here; Celery's answer to a vote is null, too.
        commands.Add(_ => RawJson.Null, "election");
        commands.Add(_ => Shutdown(), "shutdown");
    }

    private RawJson? Hello(ControlArguments arguments)
    {
        if (arguments.RequireText("from_node") == worker.Node.Name)
            return RawJson.Null;
        if (arguments.Get("revoked") is { } theirs)
            worker.Revoker.Merge(theirs);
        // Put together as text: the times must keep their decimal points.
        return RawJson.Parse($$"""{"revoked":{{worker.Revoker.Revoked.Encode()}},"clock":{{worker.Node.Tick()}}}""");
    }

    private RawJson? Shutdown()
    {
        worker.Shutdown();
        return null;
    }
}
