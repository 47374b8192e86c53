using Essaim.Protocol;

namespace Essaim;

/// <summary>Chord parts as the broker counts them, with the body ready to be released.</summary>
internal sealed class ChordBodies(MessageFactory messages, TaskClientOptions options)
{
    /// <param name="chord">The body, from <c>embed.chord</c>.</param>
    /// <param name="groupId">The header's id.</param>
    /// <param name="index">Position of the part.</param>
    /// <param name="taskId">The task that ended.</param>
    /// <param name="state">How.</param>
    /// <param name="result">Return value or exception document.</param>
    /// <param name="rootId">First task of the workflow.</param>
    public ChordPart Part(Signature chord, string groupId, int? index, string taskId, TaskState state, RawJson result, string rootId)
    {
        Signature body = messages.Freezer.AsOneTask(messages.Freezer.Freeze(chord).Signature);
        return new ChordPart
        {
            GroupId = groupId,
            Index = index,
            TaskId = taskId,
            State = state,
            Result = result,
            Body = Body(body, rootId, taskId),
        };
    }

    private ChordBody Body(Signature body, string rootId, string parentId)
    {
        (MessageTemplate template, OutgoingMessage message) = messages.CreateTemplate(body, CanvasPublication.EmbedOf(body), rootId, parentId);
        IReadOnlyList<Signature> rest = body.Options.Chain ?? [];
        return new ChordBody
        {
            Template = template,
            Message = message,
            OnError = Errbacks(body.Options.LinkError ?? [], message.TaskId, rootId),
            AlsoFails = [.. rest.SelectMany(FailedTasks.In).Select(failed => failed.Id)],
            FailedAt = messages.Time.GetUtcNow(),
            ResultExpiresAfter = options.FindResultExpires(),
            OuterPart = OuterPart(body, rest, rootId),
        };
    }

    /// <summary>Errbacks are sent with the failed id, as a group where there are several.</summary>
    public Outgoing Errbacks(IReadOnlyList<Signature> errbacks, string failedId, string rootId)
    {
        if (errbacks.Count == 0)
            return Outgoing.Nothing;
        CanvasPublication publication = new(messages, rootId, failedId);
        publication.Add(Signature.GroupOf(errbacks), RawJson.From(new[] { failedId }));
        return publication.Outgoing;
    }

    /// <summary>The part that fails where this body fails: that of whatever the body ends in.</summary>
    private ChordPart? OuterPart(Signature body, IReadOnlyList<Signature> rest, string rootId)
    {
        FailedTask last = rest is [var end, ..] ? FailedTasks.In(end).FirstOrDefault(task => task.Chord is not null) : FailedTasks.In(body).First();
        return last is { Chord: { } outer, GroupId: { } group }
            ? Part(outer, group, last.GroupIndex, last.Id, TaskState.Failure, RawJson.Null, rootId)
            : null;
    }
}
