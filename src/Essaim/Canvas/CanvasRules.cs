using Essaim.Protocol;

namespace Essaim;

/// <summary>Celery's rules for how tasks put together are brought into shape. Pure.</summary>
internal static class CanvasRules
{
    /// <summary>Returns its first argument: turns the results of a group into the one result of a task.</summary>
    public static Signature Gather { get; } = new() { Task = BuiltInTasks.Accumulate, Kwargs = RawJson.Parse("""{"index":0}""") };

    /// <summary>A chain's steps: nested chains flat, a group of one replaced by its member, a group before another step made a chord.</summary>
    public static IReadOnlyList<Signature> Steps(Signature chain)
    {
        List<Signature> flat = [];
        foreach (Signature step in chain.GetTasks())
        {
            Signature unrolled = Unrolled(step);
            if (unrolled.SubtaskType == "chain")
                flat.AddRange(Steps(unrolled));
            else
                flat.Add(unrolled);
        }

        // From the end, so that of two groups in a row the second, with what follows it, is the body of the first.
        List<Signature> joined = [];
        for (int i = flat.Count - 1; i >= 0; i--)
        {
            Signature step = flat[i];
            if (joined.Count == 0 || !EndsInGroup(step))
                joined.Insert(0, step);
            else if (step.SubtaskType == "group")
                joined[0] = Signature.ChordOf(Members(step), joined[0], step.Options with { Link = null, LinkError = null });
            else
                joined[0] = Signature.ChordOf(Header(step), Signature.ChainOf([Body(step), joined[0]]), step.Options with { Link = null, LinkError = null });
        }

        return PassLinks(chain.Options, joined);
    }

    /// <summary>A group's members, nested groups flat.</summary>
    public static IReadOnlyList<Signature> Members(Signature group)
    {
        if (group.Options.Link is { Count: > 0 })
        {
            throw new CanvasException(
                "A group has no single result that a callback could take. Put the callback on its members, or make the group the header of a chord.");
        }

        return [.. Flat(group.GetTasks()).Select(member => WithLinkErrors(member, group.Options.LinkError))];
    }

    /// <summary>A chord's header, nested groups flat.</summary>
    public static IReadOnlyList<Signature> Header(Signature chord) => [.. Flat(chord.GetHeader())];

    /// <summary>A chord's body, with the chord's own callbacks and errbacks.</summary>
    public static Signature Body(Signature chord)
    {
        Signature body = chord.GetBody() ?? throw new CanvasException("A chord without a body cannot run. Give it one, or send its header as a group.");
        return chord.Options is { Link: null, LinkError: null } ? body : PassLinks(chord.Options, [body])[0];
    }

    public static bool EndsInGroup(Signature signature) => signature.SubtaskType switch
    {
        "group" or "chunks" => true,
        "chord" => signature.GetBody() is { } body && EndsInGroup(body),
        "chain" => Steps(signature) is [.., var last] && EndsInGroup(last),
        _ => signature.Options.Chain is [var last, ..] && EndsInGroup(last),
    };

    /// <summary>The same work with one result, a list.</summary>
    public static Signature Gathered(Signature signature) => Signature.ChainOf([signature, Gather]);

    /// <summary>A chord whose header is a group object, which every Celery version reads.</summary>
    public static Signature ChordOf(Signature headerGroup, Signature body, SignatureOptions options)
    {
        using MemoryStream buffer = new();
        using (System.Text.Json.Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("kwargs"u8);
            writer.WriteRawValue("{}"u8);
            writer.WritePropertyName("header"u8);
            writer.WriteRawValue(headerGroup.Encode().Utf8.Span);
            writer.WritePropertyName("body"u8);
            writer.WriteRawValue(body.Encode().Utf8.Span);
            writer.WriteEndObject();
        }

        return new Signature { Task = "celery.chord", Kwargs = new RawJson(buffer.ToArray()), Options = options, SubtaskType = "chord" };
    }

    /// <summary>The task with <paramref name="rest"/> (wire order: reversed) following it and all that already follows it.</summary>
    public static Signature Before(IReadOnlyList<Signature> rest, Signature task) => rest.Count == 0
        ? task
        : task with { Options = task.Options with { Chain = [.. rest, .. task.Options.Chain ?? []] } };

    /// <summary>Marks the last task of <paramref name="signature"/> as a part of a chord, or as a member of a group.</summary>
    public static Signature AsPart(Signature signature, Signature? chord, string groupId, int? index)
    {
        switch (signature.SubtaskType)
        {
            case "chain":
                List<Signature> steps = [.. signature.GetTasks()];
                steps[^1] = AsPart(steps[^1], chord, groupId, index);
                return Signature.ChainOf(steps, signature.Options);
            case "chord":
                Signature header = Signature.GroupOf(signature.GetHeader(), new SignatureOptions { TaskId = signature.Options.TaskId });
                return ChordOf(header, AsPart(Body(signature), chord, groupId, index), signature.Options);
            case "group":
                return signature;
        }

        return signature.Options.Chain is { Count: > 0 } chain
            ? signature with { Options = signature.Options with { Chain = [AsPart(chain[0], chord, groupId, index), .. chain.Skip(1)] } }
            : signature with { Options = signature.Options with { Chord = chord ?? signature.Options.Chord, GroupId = groupId, GroupIndex = index } };
    }

    /// <summary>Passes a chord part written on a canvas type on to the task that ends it.</summary>
    public static Signature WithPartOf(SignatureOptions options, Signature signature) => options is { Chord: { } chord, GroupId: { } group }
        ? AsPart(signature, chord, group, options.GroupIndex)
        : signature;

    private static IEnumerable<Signature> Flat(IReadOnlyList<Signature> members) => members.SelectMany(member => member.SubtaskType switch
    {
        "group" => Members(member),
        "chunks" => Members(ChunkExpander.ToGroup(member)),
        "chain" when Steps(member) is [var single] && single.SubtaskType == "group" => Members(single),
        _ => [member],
    });

    private static Signature Unrolled(Signature step)
    {
        Signature group = step.SubtaskType == "chunks" ? ChunkExpander.ToGroup(step) : step;
        return group.SubtaskType == "group" && Members(group) is [var single] ? single : group;
    }

    /// <summary>Callbacks of a chain are those of its last step; errbacks are every step's.</summary>
    private static List<Signature> PassLinks(SignatureOptions options, List<Signature> steps)
    {
        if (options.Link is { Count: > 0 } links)
            steps[^1] = steps[^1] with { Options = steps[^1].Options with { Link = [.. steps[^1].Options.Link ?? [], .. links] } };
        return options.LinkError is { Count: > 0 } ? [.. steps.Select(step => WithLinkErrors(step, options.LinkError))] : steps;
    }

    private static Signature WithLinkErrors(Signature signature, IReadOnlyList<Signature>? errbacks) => errbacks is null or []
        ? signature
        : signature with { Options = signature.Options with { LinkError = [.. signature.Options.LinkError ?? [], .. errbacks] } };
}
