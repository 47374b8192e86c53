using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Essaim.Protocol;

namespace Essaim;

/// <summary>How an arguments record is taken apart for sending and put together for running. Worked out once a type.</summary>
internal sealed class TaskArgsShape
{
    private static readonly ConcurrentDictionary<(Type, JsonNamingPolicy?), TaskArgsShape> Known = new();
    private readonly ConstructorInvoker _constructor;
    private readonly PropertyInfo[] _properties;
    private readonly bool _byConstructor;

    private TaskArgsShape(Type type, JsonNamingPolicy? naming)
    {
        Name = type.GetCustomAttribute<TaskNameAttribute>()?.Name is { Length: > 0 } name
            ? name
            : throw new TaskDefinitionException($"The arguments record {type.FullName} has no task name. Put [TaskName(\"area.verb\")] on it.");
        Options = type.GetCustomAttribute<TaskOptionsAttribute>()?.ToOptions();
        ConstructorInfo constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)
            ?? throw new TaskDefinitionException($"The arguments record {type.FullName} of task '{Name}' has no public constructor. Give it one.");
        _constructor = ConstructorInvoker.Create(constructor);
        ParameterInfo[] parameters = constructor.GetParameters();
        _byConstructor = parameters.Length > 0;
        _properties = _byConstructor
            ? [.. parameters.Select(parameter => PropertyOf(type, parameter))]
            : [.. type.GetProperties().Where(property => property.SetMethod is { IsPublic: true })];
        NullabilityInfoContext nullability = new();
        Parameters = _byConstructor
            ? [.. parameters.Select((parameter, index) => Of(parameter, _properties[index], naming, nullability))]
            : [.. _properties.Select(property => Of(property, naming, nullability))];
        RequireSoundRest(Name, Parameters);
    }

    /// <summary>The task's wire name.</summary>
    public string Name { get; }

    /// <summary>Options from the record's attribute, or null.</summary>
    public TaskOptions? Options { get; }

    public IReadOnlyList<TaskParameter> Parameters { get; }

    public static TaskArgsShape Of(Type type, JsonSerializerOptions json) =>
        Known.GetOrAdd((type, json.PropertyNamingPolicy), static key => new TaskArgsShape(key.Item1, key.Item2));

    public static TaskParameter Of(ParameterInfo parameter, PropertyInfo? property, JsonNamingPolicy? naming, NullabilityInfoContext nullability) => new(
        parameter.Name!, WireName(parameter.Name!, property, naming), parameter.ParameterType, parameter.HasDefaultValue, DefaultOf(parameter))
    {
        AllowsNull = AllowsNull(parameter.ParameterType, nullability.Create(parameter).ReadState),
        TakesRest = parameter.IsDefined(typeof(RestKeywordsAttribute), false) || property?.IsDefined(typeof(RestKeywordsAttribute), false) == true,
    };

    /// <summary>Checks the parameter that gets the rest of the keywords, if there is one.</summary>
    public static void RequireSoundRest(string task, IReadOnlyList<TaskParameter> parameters)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            if (!parameters[i].TakesRest || (i == parameters.Count - 1 && parameters[i].Type.IsAssignableFrom(typeof(Dictionary<string, RawJson>))))
                continue;
            throw new TaskDefinitionException(
                $"Task '{task}' has [RestKeywords] on its parameter '{parameters[i].Name}'. Put it on the last parameter, of type IReadOnlyDictionary<string, RawJson>.");
        }
    }

    /// <summary>The keyword arguments of a call.</summary>
    public RawJson Write(object args, JsonSerializerOptions json)
    {
        using MemoryStream buffer = new(128);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            for (int i = 0; i < _properties.Length; i++)
            {
                if (Parameters[i].TakesRest)
                {
                    WriteRest(writer, (IReadOnlyDictionary<string, RawJson>?)_properties[i].GetValue(args));
                    continue;
                }

                writer.WritePropertyName(Parameters[i].WireNameUtf8);
                if (_properties[i].GetValue(args) is RawJson raw)
                    writer.WriteRawValue(raw.Utf8.Span);
                else
                    JsonSerializer.Serialize(writer, _properties[i].GetValue(args), _properties[i].PropertyType, json);
            }

            writer.WriteEndObject();
        }

        return new RawJson(buffer.ToArray());
    }

    private static void WriteRest(Utf8JsonWriter writer, IReadOnlyDictionary<string, RawJson>? rest)
    {
        foreach ((string name, RawJson value) in rest ?? new Dictionary<string, RawJson>())
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Utf8.Span);
        }
    }

    /// <summary>The record, from bound values.</summary>
    public object Create(object?[] values)
    {
        if (_byConstructor)
            return _constructor.Invoke(values.AsSpan());
        object args = _constructor.Invoke();
        for (int i = 0; i < values.Length; i++)
        {
            if (!ReferenceEquals(values[i], TaskParameter.Unset))
                _properties[i].SetValue(args, values[i]);
        }

        return args;
    }

    private static TaskParameter Of(PropertyInfo property, JsonNamingPolicy? naming, NullabilityInfoContext nullability) => new(
        property.Name, WireName(property.Name, property, naming), property.PropertyType,
        !property.IsDefined(typeof(RequiredMemberAttribute)), TaskParameter.Unset)
    {
        AllowsNull = AllowsNull(property.PropertyType, nullability.Create(property).WriteState),
        TakesRest = property.IsDefined(typeof(RestKeywordsAttribute), false),
    };

    private static PropertyInfo PropertyOf(Type type, ParameterInfo parameter) =>
        type.GetProperties().FirstOrDefault(property => property.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase))
        ?? throw new TaskDefinitionException(
            $"The arguments record {type.FullName} has a constructor parameter '{parameter.Name}' without a property of that name. Add the property.");

    private static string WireName(string name, PropertyInfo? property, JsonNamingPolicy? naming) =>
        property?.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? naming?.ConvertName(name) ?? name;

    private static bool AllowsNull(Type type, NullabilityState state) =>
        type.IsValueType ? type == typeof(RawJson) || Nullable.GetUnderlyingType(type) is not null : state != NullabilityState.NotNull;

    private static object? DefaultOf(ParameterInfo parameter) =>
        !parameter.HasDefaultValue ? null
        : parameter.DefaultValue is { } value ? (parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, value) : value)
        : parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null
            ? RuntimeHelpers.GetUninitializedObject(parameter.ParameterType)
            : null;
}
