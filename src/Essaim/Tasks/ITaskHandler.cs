namespace Essaim;

/// <summary>
/// Runs tasks with arguments <typeparamref name="TArgs"/>. Made anew for each task, in a dependency injection scope of its own.
/// Returning is success; any exception is failure, tried again only under a <see cref="RetryPolicy"/>.
/// </summary>
/// <typeparam name="TArgs">Arguments, with a <see cref="TaskNameAttribute"/>.</typeparam>
/// <typeparam name="TResult">What it returns.</typeparam>
public interface ITaskHandler<in TArgs, TResult>
    where TArgs : ITaskArgs<TResult>
{
    /// <summary>Runs one task.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="context">Id, attempt, deadline, progress, logger.</param>
    /// <param name="stop">Cancelled when the task must stop: soft time limit, revoked, lease lost.</param>
    Task<TResult> HandleAsync(TArgs args, TaskContext context, CancellationToken stop);
}

/// <summary>Runs tasks that return nothing; see <see cref="ITaskHandler{TArgs,TResult}"/>.</summary>
/// <typeparam name="TArgs">Arguments, with a <see cref="TaskNameAttribute"/>.</typeparam>
public interface ITaskHandler<in TArgs>
    where TArgs : ITaskArgs
{
    /// <summary>Runs one task.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="context">Id, attempt, deadline, progress, logger.</param>
    /// <param name="stop">Cancelled when the task must stop: soft time limit, revoked, lease lost.</param>
    Task HandleAsync(TArgs args, TaskContext context, CancellationToken stop);
}
