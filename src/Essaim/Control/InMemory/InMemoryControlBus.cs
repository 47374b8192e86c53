using System.Threading.Channels;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Remote control in memory: each node answers its requests one after the other.</summary>
internal sealed class InMemoryControlBus(TimeProvider time) : IControlBus
{
    private readonly Lock _gate = new();
    private readonly List<Node> _nodes = [];

    public ValueTask CastAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Send(new Call(request, null));
        return ValueTask.CompletedTask;
    }

    public async ValueTask<IReadOnlyList<ControlReply>> CallAsync(ControlRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ControlReplies replies = new(request.Destination, time);
        Send(new Call(request, replies));
        return await replies.GatherAsync(timeout, cancellationToken);
    }

    public Task ServeAsync(string node, Func<ControlRequest, CancellationToken, ValueTask<RawJson?>> handler, CancellationToken cancellationToken)
    {
        Node served = new(node, Channel.CreateUnbounded<Call>());
        lock (_gate)
            _nodes.Add(served);
        return ServeAsync(served, handler, cancellationToken);
    }

    private async Task ServeAsync(Node node, Func<ControlRequest, CancellationToken, ValueTask<RawJson?>> handler, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (Call call in node.Calls.Reader.ReadAllAsync(cancellationToken))
            {
                RawJson? answer = await ControlAnswer.GetAsync(handler, call.Request, cancellationToken);
                if (answer is { } value)
                    call.Replies?.Add(new ControlReply(node.Name, value));
            }
        }
        finally
        {
            lock (_gate)
                _nodes.Remove(node);
        }
    }

    private void Send(Call call)
    {
        lock (_gate)
        {
            foreach (Node node in _nodes)
            {
                if (call.Request.Destination?.Contains(node.Name) ?? true)
                    node.Calls.Writer.TryWrite(call);
            }
        }
    }

    private sealed record Node(string Name, Channel<Call> Calls);

    private sealed record Call(ControlRequest Request, ControlReplies? Replies);
}
