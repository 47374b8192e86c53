namespace Essaim;

/// <summary>One task this program can run. Immutable; safe on all threads.</summary>
public sealed class TaskDefinition
{
    internal TaskDefinition(string name, TaskOptions options, IReadOnlyList<TaskParameter> parameters, TaskInvoker invoker)
    {
        Invoker = invoker;
        Name = name;
        Options = options;
        Parameters = parameters;
    }

    /// <summary>Name on the wire.</summary>
    public string Name { get; }

    /// <summary>What holds for every call.</summary>
    public TaskOptions Options { get; }

    /// <summary>Parameters that are bound from the message, in order (injected ones are not among them).</summary>
    public IReadOnlyList<TaskParameter> Parameters { get; }

    internal TaskInvoker Invoker { get; }
}
