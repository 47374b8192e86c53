namespace Essaim;

/// <summary>
/// The class a Python caller sees when a task fails with this exception. Without it an exception is stored under its .NET name, but for
/// the framework's own that have a natural counterpart: <see cref="ArgumentException"/> is <c>ValueError</c>, <see cref="TimeoutException"/>
/// is <c>TimeoutError</c>, and so on.
/// </summary>
/// <param name="name">
/// A dotted Python name such as <c>mail.errors.Bounced</c>, or the bare name of a built-in class such as <c>LookupError</c>. Where the
/// caller has imported that module, its <c>except</c> clauses catch the class; the exception's message is its only argument.
/// </param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TaskErrorNameAttribute(string name) : Attribute
{
    /// <summary>The dotted Python name.</summary>
    public string Name { get; } = name;
}
