using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// Brings a canvas into the few forms that are sent, and gives everything in it its id: chains flat, groups followed by a step as chords,
/// chord bodies as one task that carries what follows it. Freezing what is frozen changes nothing.
/// </summary>
/// <param name="route">The queue a task is to be sent to where that is not the default one, so that a worker elsewhere sends it there.</param>
/// <param name="newId">Makes ids.</param>
internal sealed class CanvasFreezer(Func<string, string?> route, Func<string> newId)
{
    public (Signature Signature, CanvasNode Node) Freeze(Signature signature, CanvasNode? parent = null) => signature.SubtaskType switch
    {
        "chain" => FreezeChain(signature, parent),
        "group" => FreezeGroup(signature, parent),
        "chord" => FreezeChord(signature, parent),
        "chunks" => FreezeGroup(ChunkExpander.ToGroup(signature), parent),
        _ => FreezeTask(signature, parent),
    };

    private (Signature, CanvasNode) FreezeTask(Signature signature, CanvasNode? parent)
    {
        SignatureOptions options = signature.Options;
        string id = options.TaskId ?? newId();
        string? queue = options.Queue ?? (options.RoutingKey is null ? route(signature.Task) : null);
        if (options.TaskId is null || queue != options.Queue)
            signature = signature with { Options = options with { TaskId = id, Queue = queue } };
        return (signature, new CanvasNode(id, null, parent));
    }

    private (Signature, CanvasNode) FreezeChain(Signature signature, CanvasNode? parent)
    {
        IReadOnlyList<Signature> steps = CanvasRules.Steps(signature);
        if (steps.Count == 0)
            throw new CanvasException("A chain without steps cannot run. Give it at least one.");
        List<Signature> frozen = [];
        CanvasNode? node = parent;
        foreach (Signature step in steps)
        {
            (Signature done, node) = Freeze(step, node);
            frozen.Add(done);
        }

        return (frozen.Count == 1 ? frozen[0] : Signature.ChainOf(frozen, signature.Options with { Link = null, LinkError = null }), node!);
    }

    private (Signature, CanvasNode) FreezeGroup(Signature signature, CanvasNode? parent)
    {
        string id = signature.Options.TaskId ?? newId();
        List<(Signature Signature, CanvasNode Node)> members = [.. CanvasRules.Members(signature).Select(member => Freeze(member))];
        return (
            Signature.GroupOf([.. members.Select(member => member.Signature)], signature.Options with { TaskId = id, Link = null, LinkError = null }),
            new CanvasNode(id, [.. members.Select(member => member.Node)], parent));
    }

    private (Signature, CanvasNode) FreezeChord(Signature signature, CanvasNode? parent)
    {
        string id = signature.Options.TaskId ?? newId();
        // A part that ends in a group has several results; gathered into one, every part counts once.
        List<(Signature Signature, CanvasNode Node)> header =
            [.. CanvasRules.Header(signature).Select(part => Freeze(CanvasRules.EndsInGroup(part) ? CanvasRules.Gathered(part) : part))];
        CanvasNode group = new(id, [.. header.Select(part => part.Node)], parent);
        (Signature body, CanvasNode node) = Freeze(CanvasRules.Body(signature), group);
        Signature headerGroup = Signature.GroupOf([.. header.Select(part => part.Signature)], new SignatureOptions { TaskId = id });
        return (CanvasRules.ChordOf(headerGroup, AsOneTask(body), signature.Options with { TaskId = id, Link = null, LinkError = null }), node);
    }

    /// <summary>A chord body as the single task the last part releases; the rest of it follows as that task's chain.</summary>
    public Signature AsOneTask(Signature body)
    {
        switch (body.SubtaskType)
        {
            case "chain":
                IReadOnlyList<Signature> steps = body.GetTasks();
                Signature first = AsOneTask(steps[0]);
                return CanvasRules.WithPartOf(body.Options, CanvasRules.Before([.. steps.Skip(1).Reverse()], first));
            case "group" or "chord":
                return CanvasRules.Before([body], FreezeTask(CanvasRules.Gather, null).Item1);
            default:
                return body;
        }
    }
}
