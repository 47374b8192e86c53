using Essaim.Protocol;

namespace Essaim;

/// <summary>A task that will never run because one before it failed, and the chord it was to count towards.</summary>
internal readonly record struct FailedTask(string Id, Signature? Chord, string? GroupId, int? GroupIndex);

/// <summary>Finds every task of a frozen canvas, so that nobody waits for ever for one that cannot come.</summary>
internal static class FailedTasks
{
    public static IEnumerable<FailedTask> In(Signature signature) => signature.SubtaskType switch
    {
        "chain" => CanvasRules.WithPartOf(signature.Options, signature).GetTasks().SelectMany(In),
        "group" => signature.GetTasks().SelectMany((member, index) => In(member).Select(task => signature.Options is { Chord: { } chord, GroupId: { } group }
            ? task with { Chord = chord, GroupId = group, GroupIndex = index }
            : task)),
        // The chord has not begun: its parts count towards nothing. Its body ends it.
        "chord" => signature.GetHeader().SelectMany(In).Select(task => task with { Chord = null })
            .Concat(signature.GetBody() is { } body ? In(CanvasRules.WithPartOf(signature.Options, body)) : []),
        _ => OfTask(signature),
    };

    private static IEnumerable<FailedTask> OfTask(Signature signature)
    {
        SignatureOptions options = signature.Options;
        if (options.TaskId is { } id)
            yield return new FailedTask(id, options.Chord, options.GroupId, options.GroupIndex);
        foreach (FailedTask follower in (options.Chain ?? []).SelectMany(In))
            yield return follower;
    }
}
