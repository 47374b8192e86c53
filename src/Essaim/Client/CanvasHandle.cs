using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>What was sent: a task, or a group of them.</summary>
public abstract class CanvasHandle
{
    private protected CanvasHandle(TaskClient client, string id, CanvasHandle? parent)
    {
        Client = client;
        Id = id;
        Parent = parent;
    }

    /// <summary>Id of the task or group.</summary>
    public string Id { get; }

    /// <summary>What runs before it: the previous link of a chain, the header of a chord; null where nothing does.</summary>
    public CanvasHandle? Parent { get; }

    private protected TaskClient Client { get; }

    /// <summary>Waits for the end and reads the result; a group's is the list of its members' results.</summary>
    /// <typeparam name="T">Result type; <see cref="RawJson"/> for the text as it is.</typeparam>
    /// <param name="timeout">Longest wait; null: for ever.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TaskFailedException"><c>ESS1201</c>: it failed.</exception>
    /// <exception cref="TaskRevokedException"><c>ESS1202</c>: it was revoked or expired.</exception>
    /// <exception cref="TaskResultTimeoutException"><c>ESS1203</c>: it has not ended in time; it goes on.</exception>
    /// <exception cref="TaskResultException"><c>ESS1204</c>: the result is not a <typeparamref name="T"/>.</exception>
    public async Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        RawJson result = await GetRawResultAsync(Deadline.In(timeout, Client.Time), cancellationToken);
        if (result is T raw)
            return raw;
        try
        {
            return result.Deserialize<T>(Client.Json)!;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new TaskResultException(
                Id, $"The result of {Id} is {Shorten(result.ToString())}, which is not a {TaskParameter.TypeName(typeof(T))}. Ask for a type that fits.", error);
        }
    }

    private protected abstract ValueTask<RawJson> GetRawResultAsync(Deadline deadline, CancellationToken cancellationToken);

    /// <summary>Lets a group wait for its members.</summary>
    internal ValueTask<RawJson> GetRawAsync(Deadline deadline, CancellationToken cancellationToken) => GetRawResultAsync(deadline, cancellationToken);

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
