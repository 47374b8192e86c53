using System.Security.Cryptography;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Calls, and what holds for them, as signatures.</summary>
internal static class CallSignatures
{
    /// <param name="args">The arguments record.</param>
    /// <param name="options">What holds for this call.</param>
    /// <param name="registry">Definitions; a task that is not among them has the options of its record's attribute.</param>
    /// <param name="routeOf">The queue a route gives; stronger than the attribute's queue.</param>
    /// <param name="json">How arguments are written.</param>
    public static Signature Of(ITaskArgs args, EnqueueOptions? options, TaskRegistry? registry, Func<string, string?>? routeOf, JsonSerializerOptions json)
    {
        TaskArgsShape shape = TaskArgsShape.Of(args.GetType(), json);
        TaskOptions? own = registry?.TryGet(shape.Name, out TaskDefinition? definition) == true ? definition.Options : shape.Options;
        if (own?.Json is { } taskJson)
            (json, shape) = (taskJson, TaskArgsShape.Of(args.GetType(), taskJson));
        RawJson kwargs = shape.Write(args, json);
        string? key = options?.UniqueKey ?? (own?.UniqueKey is { } unique ? unique(args) : null);
        Signature signature = Make(shape.Name, RawJson.EmptyArray, kwargs, options, own, key is null ? null : Scoped(shape.Name, key), json);
        return own?.Queue is { } queue && signature.Options.Queue is null && routeOf?.Invoke(shape.Name) is null
            ? signature with { Options = signature.Options with { Queue = queue } }
            : signature;
    }

    public static Signature Of(
        string name, IReadOnlyList<object?>? args, IReadOnlyDictionary<string, object?>? kwargs, EnqueueOptions? options, TaskRegistry? registry,
        JsonSerializerOptions json)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        RawJson list = args is null or [] ? RawJson.EmptyArray : JsonList.Of([.. args.Select(argument => Write(argument, json))]);
        RawJson keywords = kwargs is null or { Count: 0 } ? RawJson.EmptyObject : WriteObject(kwargs, json);
        TaskDefinition? definition = null;
        registry?.TryGet(name, out definition);
        string? key = options?.UniqueKey ?? (definition is { Options.UniqueKey: { } unique } && definition.Invoker.BindRecord(list, keywords) is { } record
            ? unique(record)
            : null);
        return Make(name, list, keywords, options, definition?.Options, key is null ? null : Scoped(name, key), json);
    }

    private static Signature Make(
        string name, RawJson args, RawJson kwargs, EnqueueOptions? call, TaskOptions? own, string? uniqueKey, JsonSerializerOptions json)
    {
        if (uniqueKey is null && own?.Unique == true)
            uniqueKey = Scoped(name, Convert.ToHexStringLower(SHA256.HashData([.. args.Utf8.Span, .. kwargs.Utf8.Span])));
        SignatureOptions options = call is null ? SignatureOptions.None : CanvasOptions.ToSignature(call, json);
        if (own is { Priority: not null } && options.Priority is null)
            options = options with { Priority = own.Priority };
        if (own is { Requires.Count: > 0 } && call?.Requires is null)
            options = options with { Headers = Requirements.AddTo(options.Headers, Requirements.Normal(own.Requires)) };
        if (uniqueKey is not null)
        {
            TimeSpan keep = call?.UniqueFor ?? own?.UniqueFor ?? TimeSpan.FromHours(24);
            Dictionary<string, RawJson> headers = new(options.Headers ?? MessageHeaders.None)
            {
                [EssaimHeaders.Unique] = RawJson.From(uniqueKey),
                [EssaimHeaders.UniqueFor] = RawJson.From(keep.TotalSeconds),
            };
            if ((call?.UniqueUntil ?? own?.UniqueUntil ?? UniqueUntil.Done) is not UniqueUntil.Done and var until)
                headers[EssaimHeaders.UniqueUntil] = UniqueHeader.Write(until);
            options = options with { Headers = headers };
        }

        return new Signature { Task = name, Args = args, Kwargs = kwargs, Options = options };
    }

    public static RawJson Write(object? value, JsonSerializerOptions json) => value switch
    {
        null => RawJson.Null,
        RawJson raw => raw,
        _ => RawJson.From(value, value.GetType(), json),
    };

    /// <summary>Keys of different tasks do not meet.</summary>
    private static string Scoped(string task, string key) => $"{task}:{key}";

    private static RawJson WriteObject(IReadOnlyDictionary<string, object?> values, JsonSerializerOptions json)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            foreach ((string name, object? value) in values)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(Write(value, json).Utf8.Span);
            }

            writer.WriteEndObject();
        }

        return new RawJson(buffer.ToArray());
    }
}
