using Essaim.Protocol;

namespace Essaim;

/// <summary>Answers Celery's remote control: what <c>celery inspect</c> and <c>control</c>, Flower, the command line and the core ask of a worker.</summary>
internal sealed class ControlResponder
{
    private readonly ControlCommands _commands = new();

    public ControlResponder(ControlledWorker worker)
    {
        new InspectCommands(worker).AddTo(_commands);
        new TaskInfoCommands(worker).AddTo(_commands);
        new RevokeCommands(worker).AddTo(_commands);
        new LimitCommands(worker).AddTo(_commands);
        new PoolCommands(worker).AddTo(_commands);
        new QueueCommands(worker).AddTo(_commands);
        new EventCommands(worker).AddTo(_commands);
        new NodeCommands(worker).AddTo(_commands);
    }

    /// <summary>The answer to a request; null: none is sent. What goes wrong is the answer, too, as Celery's workers show it.</summary>
    public async ValueTask<RawJson?> AnswerAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        try
        {
            ControlCommand command = _commands.Find(request.Method) ?? throw PythonFault.Of("KeyError", request.Method);
            return await command(new ControlArguments(request), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (PythonFault fault)
        {
            return ControlCommands.Error(fault.Message);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return ControlCommands.Error(PythonFault.Of(failure.GetType().Name, failure.Message).Message);
        }
    }
}
