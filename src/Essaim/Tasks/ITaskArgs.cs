namespace Essaim;

/// <summary>
/// Marks a record as the arguments of a task that returns nothing. Give the record a <see cref="TaskNameAttribute"/>; its constructor
/// parameters (or, without any, its settable properties) are the task's parameters.
/// </summary>
public interface ITaskArgs;

/// <summary>Marks a record as the arguments of a task that returns <typeparamref name="TResult"/>; see <see cref="ITaskArgs"/>.</summary>
/// <typeparam name="TResult">What the task returns; written as JSON.</typeparam>
public interface ITaskArgs<TResult> : ITaskArgs;
