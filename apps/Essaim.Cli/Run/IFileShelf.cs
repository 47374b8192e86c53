namespace Essaim.Cli;

/// <summary>Where files of runs pass through: the broker itself, or a core in front of it.</summary>
internal interface IFileShelf
{
    /// <summary>Puts a content for a run with this time limit; returns its SHA-256.</summary>
    Task<string> PutAsync(ReadOnlyMemory<byte> content, TimeSpan timeLimit, CancellationToken cancellationToken);

    /// <summary>What a task has left; null where it left nothing, or it has expired.</summary>
    Task<TaskLeavings?> ListAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>A file a task has left, compared with its hash; null where it is gone.</summary>
    Task<ReadOnlyMemory<byte>?> GetAsync(string taskId, TaskArtifact artifact, CancellationToken cancellationToken);
}
