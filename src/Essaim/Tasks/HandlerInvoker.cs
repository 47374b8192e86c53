using System.Text.Json;
using Essaim.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim;

/// <summary>Binds the arguments record and calls a handler class.</summary>
internal abstract class HandlerInvoker<THandler, TArgs>(ArgumentBinder binder, TaskArgsShape shape) : TaskInvoker
    where THandler : class
{
    // Compiled on the first call: most tasks of a program never run in a given process.
    private ObjectFactory? _factory;

    public sealed override object BindRecord(RawJson args, RawJson kwargs) => shape.Create(binder.Bind(args, kwargs));

    public sealed override async ValueTask<RawJson> InvokeAsync(TaskCallScope scope, RawJson args, RawJson kwargs, CancellationToken stop)
    {
        TArgs bound = (TArgs)BindRecord(args, kwargs);
        if (scope.Services.GetService(typeof(THandler)) is THandler registered)
            return await CallAsync(registered, bound, scope.Context, stop);

        _factory ??= ActivatorUtilities.CreateFactory(typeof(THandler), []);
        THandler handler = (THandler)_factory(scope.Services, null);
        try
        {
            return await CallAsync(handler, bound, scope.Context, stop);
        }
        finally
        {
            if (handler is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync();
            else
                (handler as IDisposable)?.Dispose();
        }
    }

    protected abstract Task<RawJson> CallAsync(THandler handler, TArgs args, TaskContext context, CancellationToken stop);
}

/// <summary>A handler with a result.</summary>
internal sealed class HandlerInvoker<THandler, TArgs, TResult>(ArgumentBinder binder, TaskArgsShape shape, JsonSerializerOptions json)
    : HandlerInvoker<THandler, TArgs>(binder, shape)
    where THandler : class, ITaskHandler<TArgs, TResult>
    where TArgs : ITaskArgs<TResult>
{
    protected override async Task<RawJson> CallAsync(THandler handler, TArgs args, TaskContext context, CancellationToken stop) =>
        TaskResultJson.Write(await handler.HandleAsync(args, context, stop), json);
}

/// <summary>A handler without a result.</summary>
internal sealed class VoidHandlerInvoker<THandler, TArgs>(ArgumentBinder binder, TaskArgsShape shape)
    : HandlerInvoker<THandler, TArgs>(binder, shape)
    where THandler : class, ITaskHandler<TArgs>
    where TArgs : ITaskArgs
{
    protected override async Task<RawJson> CallAsync(THandler handler, TArgs args, TaskContext context, CancellationToken stop)
    {
        await handler.HandleAsync(args, context, stop);
        return RawJson.Null;
    }
}
