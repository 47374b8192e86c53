using System.Reflection;
using System.Runtime.ExceptionServices;
using Essaim.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim;

/// <summary>Binds and injects the parameters of a delegate and calls it.</summary>
internal sealed class DelegateInvoker(Delegate run, IReadOnlyList<DelegateSlot> slots, ArgumentBinder binder, DelegateResult result) : TaskInvoker
{
    private readonly MethodInvoker _invoke = MethodInvoker.Create(run.GetType().GetMethod("Invoke")!);

    public override ValueTask<RawJson> InvokeAsync(TaskCallScope scope, RawJson args, RawJson kwargs, CancellationToken stop)
    {
        object?[] bound = binder.Bind(args, kwargs);
        object?[] values = new object?[slots.Count];
        int next = 0;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = slots[i].Kind switch
            {
                SlotKind.Argument => bound[next++],
                SlotKind.Context => scope.Context,
                SlotKind.Stop => stop,
                _ => scope.Services.GetRequiredService(slots[i].Type),
            };
        }

        return result.ReadAsync(Call(values));
    }

    private object? Call(object?[] values)
    {
        try
        {
            return _invoke.Invoke(run, values.AsSpan());
        }
        catch (TargetInvocationException error) when (error.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}

/// <summary>Where a delegate's parameter comes from.</summary>
internal enum SlotKind
{
    Argument,
    Context,
    Stop,
    Service,
}

/// <summary>One parameter of a delegate.</summary>
internal readonly record struct DelegateSlot(SlotKind Kind, Type Type);
