namespace Essaim;

/// <summary>The task's name on the wire, the same in every language. Stands on the arguments record.</summary>
/// <param name="name">Such as <c>mail.send_welcome</c>; not empty.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class TaskNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}
