using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Keeps the worker reachable by remote control, whatever happens to the connection.</summary>
internal sealed class ControlServer(IControlBus bus, WorkerNode node, ControlResponder responder, TimeProvider time, Random random, ILogger logger)
{
    /// <summary>Answers until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Backoff backoff = new(time, random);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await bus.ServeAsync(node.Name, AnswerAsync, stop);
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (backoff.Fail())
                    WorkerLog.ControlFails(logger, failure);
            }

            try
            {
                await backoff.WaitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private ValueTask<RawJson?> AnswerAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        node.Tick();
        if (request.Clock is { } sent)
            node.Adjust(sent);
        return responder.AnswerAsync(request, cancellationToken);
    }
}
