using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>What holds for a call, written into signatures.</summary>
internal static class CanvasOptions
{
    public static SignatureOptions ToSignature(EnqueueOptions call, JsonSerializerOptions json) => new()
    {
        TaskId = call.TaskId,
        Queue = call.Queue,
        Priority = call.Priority,
        Countdown = call.Countdown,
        Eta = call.Eta,
        Expires = call.Expires,
        ExpiresIn = call.ExpiresIn,
        SoftTimeLimit = call.SoftTimeLimit,
        TimeLimit = call.HardTimeLimit,
        IgnoreResult = call.IgnoreResult,
        Shadow = call.Shadow,
        Link = call.Link,
        LinkError = call.LinkError,
        Compression = call.Compression,
        Headers = HeadersOf(call, json),
    };

    /// <summary>
    /// Options for a whole canvas: queue, priority, expiry, limits, headers go to every task that has none of its own; countdown and eta to
    /// those that begin; the id and the callbacks to what ends it; errbacks to all.
    /// </summary>
    public static Signature Apply(Signature signature, EnqueueOptions call, JsonSerializerOptions json)
    {
        if (call.UniqueKey is not null)
            throw new CanvasException("A canvas as a whole cannot be unique. Give the key to one of its tasks.");
        SignatureOptions given = ToSignature(call, json);
        SignatureOptions everywhere = given with { TaskId = null, Countdown = null, Eta = null, Link = null, LinkError = null };
        return AtEnd(Fill(signature, everywhere, given, begins: true), given);
    }

    private static Signature Fill(Signature signature, SignatureOptions everywhere, SignatureOptions given, bool begins)
    {
        switch (signature.SubtaskType)
        {
            case "chain":
                return Signature.ChainOf([.. signature.GetTasks().Select((step, index) => Fill(step, everywhere, given, begins && index == 0))], signature.Options);
            case "group":
                return Signature.GroupOf([.. signature.GetTasks().Select(member => Fill(member, everywhere, given, begins))], signature.Options);
            case "chord":
                IReadOnlyList<Signature> header = [.. signature.GetHeader().Select(part => Fill(part, everywhere, given, begins))];
                return Signature.ChordOf(header, Fill(signature.GetBody()!, everywhere, given, begins: begins && header.Count == 0), signature.Options);
            case "chunks":
                return Fill(ChunkExpander.ToGroup(signature), everywhere, given, begins);
        }

        SignatureOptions merged = Merge(signature.Options, everywhere);
        return signature with
        {
            Options = begins && merged is { Countdown: null, Eta: null } ? merged with { Countdown = given.Countdown, Eta = given.Eta } : merged,
        };
    }

    private static SignatureOptions Merge(SignatureOptions own, SignatureOptions rest) => own with
    {
        Queue = own.Queue ?? (own.RoutingKey is null ? rest.Queue : null),
        Priority = own.Priority ?? rest.Priority,
        Expires = own.Expires ?? (own.ExpiresIn is null ? rest.Expires : null),
        ExpiresIn = own.ExpiresIn ?? (own.Expires is null ? rest.ExpiresIn : null),
        SoftTimeLimit = own.SoftTimeLimit ?? rest.SoftTimeLimit,
        TimeLimit = own.TimeLimit ?? rest.TimeLimit,
        IgnoreResult = own.IgnoreResult ?? rest.IgnoreResult,
        Shadow = own.Shadow ?? rest.Shadow,
        Compression = own.Compression ?? rest.Compression,
        Headers = Merge(own.Headers, rest.Headers),
    };

    private static IReadOnlyDictionary<string, RawJson>? Merge(IReadOnlyDictionary<string, RawJson>? own, IReadOnlyDictionary<string, RawJson>? rest)
    {
        if (own is null || rest is null)
            return own ?? rest;
        Dictionary<string, RawJson> merged = new(rest);
        foreach ((string name, RawJson value) in own)
            merged[name] = value;
        return merged;
    }

    private static Signature AtEnd(Signature signature, SignatureOptions given)
    {
        if (given is { TaskId: null, Link: null, LinkError: null })
            return signature;
        SignatureOptions options = signature.Options;
        options = options with
        {
            Link = given.Link is null ? options.Link : [.. options.Link ?? [], .. given.Link],
            LinkError = given.LinkError is null ? options.LinkError : [.. options.LinkError ?? [], .. given.LinkError],
        };
        if (given.TaskId is null)
            return signature with { Options = options };
        switch (signature.SubtaskType)
        {
            case "chain":
                List<Signature> steps = [.. signature.GetTasks()];
                steps[^1] = AtEnd(steps[^1], new SignatureOptions { TaskId = given.TaskId });
                return Signature.ChainOf(steps, options);
            case "chord":
                return Signature.ChordOf(signature.GetHeader(), AtEnd(signature.GetBody()!, new SignatureOptions { TaskId = given.TaskId }), options);
            default:
                return signature with { Options = options with { TaskId = given.TaskId } };
        }
    }

    private static Dictionary<string, RawJson>? HeadersOf(EnqueueOptions call, JsonSerializerOptions json)
    {
        if (call.Headers is null && call.RetryPolicy is null && call.Requires is null)
            return null;
        Dictionary<string, RawJson> headers = [];
        foreach ((string name, object? value) in call.Headers ?? new Dictionary<string, object?>())
            headers[name] = CallSignatures.Write(value, json);
        if (call.RetryPolicy is { } policy)
            headers[EssaimHeaders.Retry] = RetryPolicyJson.Write(policy);
        if (call.Requires is { } requires)
            headers[EssaimHeaders.Requires] = RawJson.From(Requirements.Normal(requires));
        return headers;
    }
}
