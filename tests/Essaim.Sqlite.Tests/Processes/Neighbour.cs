using Essaim.Protocol;

namespace Essaim.Sqlite.Tests.Processes;

/// <summary>Another process on the same file: makes one piece of news of each kind.</summary>
internal static class Neighbour
{
    public static async Task<int> RunAsync(string path)
    {
        await using SqliteBackend backend = SqliteBackend.Open(path, TimeProvider.System);
        CancellationToken never = CancellationToken.None;
        OutgoingMessage message = new() { Envelope = new byte[10], TaskId = "from-next-door", TaskName = "tests.task", Queue = "q" };
        ResultDocument result = new() { TaskId = "t", State = TaskState.Success };
        await backend.Broker.PublishAsync(Outgoing.Of(message), never);
        await backend.Results.SetAsync(new ResultWrite("t", TaskState.Success, result.Encode(), null), never);
        await backend.Events.PublishAsync([new EventRecord("task-sent", "next@door", "t", default, RawJson.EmptyObject)], never);
        Dictionary<string, RawJson> nothing = [];
        await backend.Configuration.PublishAsync(new ConfigDocument(nothing, nothing, nothing, "next@door"), null, never);
        await backend.Control.CastAsync(new ControlRequest("ping", RawJson.EmptyObject, ["here"]), never);
        return 0;
    }
}
