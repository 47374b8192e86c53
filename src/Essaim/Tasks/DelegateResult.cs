using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Turns what a delegate returned (a value, nothing, or a task of either) into JSON.</summary>
internal abstract class DelegateResult
{
    public abstract ValueTask<RawJson> ReadAsync(object? returned);

    /// <summary>Chosen once, from the delegate's return type.</summary>
    public static DelegateResult For(Type type, JsonSerializerOptions json)
    {
        if (type == typeof(void) || type == typeof(Task) || type == typeof(ValueTask))
            return new Nothing();
        Type? definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        Type value = definition == typeof(Task<>) || definition == typeof(ValueTask<>) ? type.GetGenericArguments()[0] : type;
        return (DelegateResult)Activator.CreateInstance(typeof(Value<>).MakeGenericType(value), json)!;
    }

    private sealed class Nothing : DelegateResult
    {
        public override async ValueTask<RawJson> ReadAsync(object? returned)
        {
            if (returned is Task task)
                await task;
            else if (returned is ValueTask valueTask)
                await valueTask;
            return RawJson.Null;
        }
    }

    private sealed class Value<T>(JsonSerializerOptions json) : DelegateResult
    {
        public override async ValueTask<RawJson> ReadAsync(object? returned) => TaskResultJson.Write(
            returned switch
            {
                Task<T> task => await task,
                ValueTask<T> valueTask => await valueTask,
                _ => (T)returned!,
            },
            json);
    }
}
