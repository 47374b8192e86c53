using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Makes signatures of single tasks, and sets what follows them.</summary>
public static class TaskSignature
{
    /// <summary>A task by its arguments record, not yet sent.</summary>
    /// <param name="args">The record; it has a <see cref="TaskNameAttribute"/>.</param>
    /// <param name="options">What holds for this call.</param>
    /// <param name="json">How arguments are written; null: <see cref="EssaimJson.Options"/>.</param>
    public static Signature Of(ITaskArgs args, EnqueueOptions? options = null, JsonSerializerOptions? json = null) =>
        CallSignatures.Of(args, options, null, null, json ?? EssaimJson.Options);

    /// <summary>A task by name, not yet sent.</summary>
    /// <param name="name">Task name.</param>
    /// <param name="args">Positional arguments; written as JSON.</param>
    /// <param name="kwargs">Keyword arguments; written as JSON.</param>
    /// <param name="options">What holds for this call.</param>
    /// <param name="json">How arguments are written; null: <see cref="EssaimJson.Options"/>.</param>
    public static Signature Of(
        string name, IReadOnlyList<object?>? args = null, IReadOnlyDictionary<string, object?>? kwargs = null, EnqueueOptions? options = null,
        JsonSerializerOptions? json = null) => CallSignatures.Of(name, args, kwargs, options, null, json ?? EssaimJson.Options);

    /// <summary>Runs one task's code for each item in a single task of its own; the result is the list of results.</summary>
    /// <param name="name">Task name; the worker that runs it must know it.</param>
    /// <param name="items">Items, each the only argument of one run.</param>
    /// <param name="json">How items are written; null: <see cref="EssaimJson.Options"/>.</param>
    public static Signature Map(string name, IEnumerable<object?> items, JsonSerializerOptions? json = null) => ChunkExpander.Map(
        "celery.map", "xmap", Of(name, json: json).Encode(), JsonList.Of([.. items.Select(item => CallSignatures.Write(item, json ?? EssaimJson.Options))]));

    /// <summary>As <see cref="Map"/>, cut into a group of tasks with at most <paramref name="size"/> runs each; each item is a whole argument list.</summary>
    /// <param name="name">Task name.</param>
    /// <param name="calls">Argument lists.</param>
    /// <param name="size">Runs a task, 1 or more.</param>
    /// <param name="json">How arguments are written; null: <see cref="EssaimJson.Options"/>.</param>
    public static Signature Chunks(string name, IEnumerable<IReadOnlyList<object?>> calls, int size, JsonSerializerOptions? json = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return Signature.GroupOf([.. calls.Chunk(size).Select(part => ChunkExpander.Map(
            "celery.starmap",
            "xstarmap",
            Of(name, json: json).Encode(),
            JsonList.Of([.. part.Select(call => JsonList.Of([.. call.Select(argument => CallSignatures.Write(argument, json ?? EssaimJson.Options))]))])))]);
    }

    /// <summary>The same signature, taking no result of what runs before it.</summary>
    public static Signature AsImmutable(this Signature signature) => signature with { Immutable = true };

    /// <summary>The same signature with one more callback.</summary>
    public static Signature OnSuccess(this Signature signature, Signature callback) =>
        signature with { Options = signature.Options with { Link = [.. signature.Options.Link ?? [], callback] } };

    /// <summary>The same signature with one more errback: it is sent with the failed task's id.</summary>
    public static Signature OnError(this Signature signature, Signature errback) =>
        signature with { Options = signature.Options with { LinkError = [.. signature.Options.LinkError ?? [], errback] } };
}
