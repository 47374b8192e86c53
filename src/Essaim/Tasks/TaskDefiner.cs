using System.Collections;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim;

/// <summary>Makes definitions from handler classes and delegates. All reflection on tasks happens here, once, at start.</summary>
internal sealed class TaskDefiner(JsonSerializerOptions json, IServiceProvider? services)
{
    private readonly IServiceProviderIsService? _isService = services?.GetService<IServiceProviderIsService>();

    public IEnumerable<TaskDefinition> FromHandler(Type handler, Action<TaskOptions>? configure)
    {
        Type[] handled = [.. handler.GetInterfaces().Where(type => type.IsGenericType
            && (type.GetGenericTypeDefinition() == typeof(ITaskHandler<,>) || type.GetGenericTypeDefinition() == typeof(ITaskHandler<>)))];
        return handled.Length > 0
            ? [.. handled.Select(contract => FromContract(handler, contract.GetGenericArguments(), configure))]
            : throw new TaskDefinitionException(
                $"{handler.FullName} handles no task. Let it implement ITaskHandler<TArgs, TResult> or ITaskHandler<TArgs>.");
    }

    public TaskDefinition FromDelegate(string name, Delegate run, Action<TaskOptions>? configure)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new TaskDefinitionException("A task is registered without a name. Give it one, such as 'tasks.add'.");
        TaskOptions options = new();
        configure?.Invoke(options);
        JsonSerializerOptions used = options.Json ?? json;

        // A delegate closed over its first argument (an extension method) has one parameter more in its method than in its type.
        int count = run.GetType().GetMethod("Invoke")!.GetParameters().Length;
        ParameterInfo[] declared = run.Method.GetParameters()[^count..];
        NullabilityInfoContext nullability = new();
        List<DelegateSlot> slots = [];
        List<TaskParameter> parameters = [];
        foreach (ParameterInfo parameter in declared)
        {
            SlotKind kind = KindOf(name, parameter);
            slots.Add(new DelegateSlot(kind, parameter.ParameterType));
            if (kind == SlotKind.Argument)
                parameters.Add(TaskArgsShape.Of(parameter, null, used.PropertyNamingPolicy, nullability));
        }

        TaskArgsShape.RequireSoundRest(name, parameters);
        DelegateResult result = DelegateResult.For(run.Method.ReturnType, used);
        return new TaskDefinition(name, options, parameters, new DelegateInvoker(run, slots, new ArgumentBinder(name, parameters, used), result));
    }

    private TaskDefinition FromContract(Type handler, Type[] types, Action<TaskOptions>? configure)
    {
        TaskArgsShape shape = TaskArgsShape.Of(types[0], json);
        TaskOptions options = shape.Options?.Clone() ?? new TaskOptions();
        configure?.Invoke(options);
        JsonSerializerOptions used = options.Json ?? json;
        shape = TaskArgsShape.Of(types[0], used);
        ArgumentBinder binder = new(shape.Name, shape.Parameters, used);
        object invoker = types.Length == 2
            ? Activator.CreateInstance(typeof(HandlerInvoker<,,>).MakeGenericType([handler, .. types]), binder, shape, used)!
            : Activator.CreateInstance(typeof(VoidHandlerInvoker<,>).MakeGenericType([handler, .. types]), binder, shape)!;
        return new TaskDefinition(shape.Name, options, shape.Parameters, (TaskInvoker)invoker);
    }

    private SlotKind KindOf(string task, ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        if (type == typeof(TaskContext))
            return SlotKind.Context;
        if (type == typeof(CancellationToken))
            return SlotKind.Stop;
        if (type.IsByRef || type.IsPointer)
            throw new TaskDefinitionException($"Task '{task}' has the parameter '{parameter.Name}' by reference. Take it by value.");
        if (_isService?.IsService(type) == true && !typeof(IEnumerable).IsAssignableFrom(type))
            return SlotKind.Service;
        if (!type.IsInterface || typeof(IEnumerable).IsAssignableFrom(type))
            return SlotKind.Argument;
        return _isService is null
            ? SlotKind.Service
            : throw new TaskDefinitionException(
                $"Task '{task}' has the parameter '{parameter.Name}' of type {type.FullName}, which is no registered service and cannot come in a message. Register the service or take a concrete type.");
    }
}
