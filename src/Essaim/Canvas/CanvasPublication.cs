using Essaim.Protocol;

namespace Essaim;

/// <summary>Gathers what one atomic publication sends. Made anew for each; not safe for several threads.</summary>
/// <param name="messages">Makes messages.</param>
/// <param name="rootId">First task of the workflow; null: each task is its own.</param>
/// <param name="parentId">The task that sends.</param>
internal sealed class CanvasPublication(MessageFactory messages, string? rootId, string? parentId)
{
    private readonly List<OutgoingMessage> _messages = [];
    private readonly List<ChordStart> _chords = [];

    public Outgoing Outgoing => _messages.Count == 0 ? Outgoing.Nothing : new Outgoing(_messages, _chords);

    /// <summary>Freezes and adds a signature.</summary>
    /// <param name="signature">What to send.</param>
    /// <param name="previous">Arguments put before its own (a JSON list), or null.</param>
    /// <param name="rest">What follows it, wire order.</param>
    public CanvasNode Add(Signature signature, RawJson? previous = null, IReadOnlyList<Signature>? rest = null)
    {
        (Signature frozen, CanvasNode node) = messages.Freezer.Freeze(signature);
        Send(frozen, previous, rest ?? []);
        return node;
    }

    private void Send(Signature signature, RawJson? previous, IReadOnlyList<Signature> rest)
    {
        switch (signature.SubtaskType)
        {
            case "chain":
                IReadOnlyList<Signature> steps = CanvasRules.WithPartOf(signature.Options, signature).GetTasks();
                Send(steps[0], previous, [.. rest, .. steps.Skip(1).Reverse()]);
                break;
            case "group" when rest.Count > 0:
                // Normal form has no group before a step; a foreign sender may.
                Signature next = CanvasRules.Before([.. rest.SkipLast(1)], messages.Freezer.AsOneTask(rest[^1]));
                SendHeader(signature.GetTasks(), signature.Options.TaskId!, next, previous);
                break;
            case "group":
                SendGroup(signature, previous);
                break;
            case "chord":
                Signature body = messages.Freezer.AsOneTask(signature.GetBody()!);
                body = CanvasRules.Before(rest, CanvasRules.WithPartOf(signature.Options, body));
                SendHeader(signature.GetHeader(), signature.Options.TaskId!, body, previous);
                break;
            default:
                SendTask(signature, previous, rest);
                break;
        }
    }

    private void SendTask(Signature signature, RawJson? previous, IReadOnlyList<Signature> rest)
    {
        RawJson args = previous is { } first && !signature.Immutable ? JsonList.Concat(first, signature.Args) : signature.Args;
        signature = CanvasRules.Before(rest, signature);
        _messages.Add(messages.Create(signature, args, EmbedOf(signature), rootId, parentId));
    }

    private void SendGroup(Signature group, RawJson? previous)
    {
        // A group that ends a part of a chord (only foreign senders write that) counts towards the chord, not as a group.
        Signature? chord = group.Options.Chord;
        string id = chord is null ? group.Options.TaskId! : group.Options.GroupId ?? group.Options.TaskId!;
        IReadOnlyList<Signature> members = group.GetTasks();
        for (int i = 0; i < members.Count; i++)
            Send(CanvasRules.AsPart(members[i], chord, id, i), previous, []);
    }

    private void SendHeader(IReadOnlyList<Signature> header, string groupId, Signature body, RawJson? previous)
    {
        if (header.Count == 0)
        {
            Send(body, new RawJson("[[]]"u8.ToArray()), []);
            return;
        }

        _chords.Add(new ChordStart(groupId, header.Count));
        for (int i = 0; i < header.Count; i++)
            Send(CanvasRules.AsPart(header[i], body, groupId, i), previous, []);
    }

    /// <summary>What follows a task, from its options.</summary>
    public static TaskEmbed EmbedOf(Signature signature)
    {
        SignatureOptions options = signature.Options;
        return options is { Link: null, LinkError: null, Chain: null, Chord: null }
            ? TaskEmbed.Empty
            : new TaskEmbed { Callbacks = options.Link ?? [], Errbacks = options.LinkError ?? [], Chain = options.Chain ?? [], Chord = options.Chord };
    }
}
