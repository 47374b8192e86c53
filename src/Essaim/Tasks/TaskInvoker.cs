using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Calls what a task is made of: a handler, a delegate, or one of Celery's own tasks.</summary>
internal abstract class TaskInvoker
{
    /// <summary>The arguments record, from raw arguments; null for tasks without one.</summary>
    public virtual object? BindRecord(RawJson args, RawJson kwargs) => null;

    /// <exception cref="TaskArgumentException">The arguments do not fit.</exception>
    public abstract ValueTask<RawJson> InvokeAsync(TaskCallScope scope, RawJson args, RawJson kwargs, CancellationToken stop);
}

/// <summary>What surrounds one call.</summary>
/// <param name="Services">The task's own dependency injection scope.</param>
/// <param name="Context">The task's context.</param>
/// <param name="Registry">Other tasks, for those that call them.</param>
internal sealed record TaskCallScope(IServiceProvider Services, TaskContext Context, TaskRegistry Registry);

/// <summary>Return values as JSON.</summary>
internal static class TaskResultJson
{
    public static RawJson Write<T>(T value, JsonSerializerOptions json) => value is RawJson raw ? raw : RawJson.From(value, json);
}
