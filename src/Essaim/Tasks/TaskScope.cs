namespace Essaim;

/// <summary>The task that runs in this flow of control, so that what it sends carries it as its parent.</summary>
internal sealed class TaskScope(string id, string rootId)
{
    private static readonly AsyncLocal<TaskScope?> Flow = new();
    private readonly Lock _gate = new();
    private List<string>? _children;

    public static TaskScope? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    public string Id { get; } = id;

    public string RootId { get; } = rootId;

    /// <summary>What it has sent so far.</summary>
    public IReadOnlyList<string> Children
    {
        get
        {
            lock (_gate)
                return _children is null ? [] : [.. _children];
        }
    }

    public void AddChild(string taskId)
    {
        lock (_gate)
            (_children ??= []).Add(taskId);
    }
}
