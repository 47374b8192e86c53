using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>The steps of one execution of a task. Safe on all threads.</summary>
internal sealed class TaskSteps(string taskId, Func<CancellationToken, ValueTask<IStepStore>> open, JsonSerializerOptions json)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);
    private readonly Lock _gate = new();
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);
    private Task<IStepStore>? _opening;
    private IReadOnlyDictionary<string, RawJson> _recorded = new Dictionary<string, RawJson>();

    /// <summary>True once a step was begun.</summary>
    public bool AreUsed
    {
        get
        {
            lock (_gate)
                return _begun.Count > 0;
        }
    }

    public async Task<T> RunAsync<T>(string name, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        IStepStore store = await BeginAsync(name, cancellationToken);
        if (_recorded.TryGetValue(name, out RawJson known))
            return Read<T>(name, known);
        T result = await run(cancellationToken);
        // What is done is done: it is recorded even if the task is to stop now.
        return Read<T>(name, await store.RecordAsync(taskId, name, Write(name, result), KeptFor, CancellationToken.None));
    }

    private async Task<IStepStore> BeginAsync(string name, CancellationToken cancellationToken)
    {
        Task<IStepStore> opening;
        lock (_gate)
        {
            if (!_begun.Add(name))
            {
                throw new InvalidOperationException(
                    $"The task {taskId} has run the step '{name}' before in this execution, and would get its result again instead of running. Give each step a name of its own, such as one with the number of the item.");
            }

            if (_opening is null or { IsFaulted: true } or { IsCanceled: true })
                _opening = OpenAsync(cancellationToken);
            opening = _opening;
        }

        return await opening;
    }

    private async Task<IStepStore> OpenAsync(CancellationToken cancellationToken)
    {
        IStepStore store = await open(cancellationToken);
        _recorded = await store.ReadAsync(taskId, cancellationToken);
        return store;
    }

    private RawJson Write<T>(string name, T result)
    {
        try
        {
            return RawJson.From(result, json);
        }
        catch (NotSupportedException error)
        {
            throw new InvalidOperationException(
                $"What the step '{name}' gave ({typeof(T)}) cannot be written as JSON, so it cannot be recorded. Return data: numbers, text, lists, records.", error);
        }
    }

    private T Read<T>(string name, RawJson recorded)
    {
        try
        {
            return recorded.Deserialize<T>(json)!;
        }
        catch (JsonException error)
        {
            throw new InvalidOperationException(
                $"The step '{name}' of task {taskId} was recorded by another version of this task and is not a {typeof(T)} any more. Give the changed step another name.", error);
        }
    }
}
