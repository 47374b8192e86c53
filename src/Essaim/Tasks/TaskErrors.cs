namespace Essaim;

/// <summary>A task was called with arguments it does not take. Never retried.</summary>
public sealed class TaskArgumentException : EssaimException
{
    internal TaskArgumentException(string taskName, string? parameter, string message, Exception? inner = null)
        : base("ESS1101", message, inner)
    {
        TaskName = taskName;
        Parameter = parameter;
    }

    /// <summary>The task.</summary>
    public string TaskName { get; }

    /// <summary>The parameter at fault, or null where it is about their number.</summary>
    public string? Parameter { get; }
}

/// <summary>Tasks are defined wrongly; found at start.</summary>
public sealed class TaskDefinitionException : EssaimException
{
    internal TaskDefinitionException(string message)
        : base("ESS1102", message)
    {
    }
}
