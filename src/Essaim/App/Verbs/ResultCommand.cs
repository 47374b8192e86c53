using System.CommandLine;
using Essaim.Protocol;

namespace Essaim;

/// <summary><c>result</c>: prints what became of a task.</summary>
internal sealed class ResultCommand : AppCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "Id of the task" };
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait for its end" };
    private readonly Option<TimeSpan?> _timeout = DurationText.Option("--timeout", "Longest wait [default: none]");

    public ResultCommand()
        : base("result", "Prints the result of a task.")
    {
        Add(_id);
        Add(_wait);
        Add(_timeout);
        Examples = ["result 3f2c…", "result 3f2c… --wait --timeout 5m", "result 3f2c… --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        context.RequireBroker();
        string id = context.GetValue(_id)!;
        TaskHandle handle = context.Client.GetHandle(id);
        if (await handle.GetDocumentAsync(cancellationToken) is { State.IsReady: true } ready)
            return ResultWriter.Write(context, ready);
        if (context.GetValue(_wait))
            return await ResultWriter.WaitAsync(context, handle, context.GetValue(_timeout), cancellationToken);
        return await SayWhereAsync(context, handle, cancellationToken);
    }

    private static async Task<int> SayWhereAsync(CommandContext context, TaskHandle handle, CancellationToken cancellationToken)
    {
        IBackend backend = await context.Client.GetBackendAsync(cancellationToken);
        TaskLocation? location = await backend.Broker.FindAsync(handle.Id, cancellationToken);
        TaskState state = await handle.GetStateAsync(cancellationToken);
        if (location is null && state == TaskState.Pending)
        {
            throw new AppException(
                "ESS4004",
                $"The broker {backend.DisplayUrl} knows no task {handle.Id}: it was never sent here, or its result has expired or was not kept.",
                ExitCodes.NotFound);
        }

        if (context.Output.IsJson)
            context.Output.Json(new { task_id = handle.Id, status = state.Name, queue = location?.Queue, place = location?.Place.ToString(), worker = location?.Worker });
        context.Output.Say($"{context.Definition.Name}: ESS4005: The task {handle.Id} has not ended: {Describe(location, state)}. Wait for it with --wait.");
        return ExitCodes.Timeout;
    }

    private static string Describe(TaskLocation? location, TaskState state) => location switch
    {
        { Place: MessagePlace.InFlight } => $"the worker {location.Worker} has it",
        { Place: MessagePlace.Delayed } => $"it waits in queue {location.Queue} until {TimeText.Show(location.NotBefore)}",
        { Place: MessagePlace.Dead } => $"it is among the dead letters of queue {location.Queue}",
        { Place: MessagePlace.Ready } => $"it waits in queue {location.Queue}",
        _ => $"its state is {state}",
    };
}
