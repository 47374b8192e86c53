using System.ComponentModel;

namespace Essaim.Server;

/// <summary>What became of a submission.</summary>
internal sealed record TaskReceipt(
    [property: Description("Id of the task: to ask for its state, result and events.")] string Id,
    string Name,
    string Queue,
    [property: Description("False where another task holds the unique key: then the id is that task's.")] bool Created);

/// <summary>What became of a batch; same order as submitted.</summary>
internal sealed record BatchReceipt(IReadOnlyList<TaskReceipt> Tasks);
