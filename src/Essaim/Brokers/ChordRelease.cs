using Essaim.Protocol;

namespace Essaim;

/// <summary>What a backend publishes and stores when the last part of a chord has ended. Pure; the same for every backend.</summary>
internal static class ChordRelease
{
    /// <summary>Composes the release.</summary>
    /// <param name="parts">All parts, ordered by index, those without index last.</param>
    /// <param name="body">The body, as the last part brought it.</param>
    /// <param name="now">Now.</param>
    public static ChordReleaseResult Compose(IReadOnlyList<ChordPartResult> parts, ChordBody body, DateTimeOffset now)
    {
        foreach (ChordPartResult part in parts)
        {
            if (part.State != TaskState.Success)
                return Fail(part, body, now);
        }

        RawJson[] results = new RawJson[parts.Count];
        for (int i = 0; i < results.Length; i++)
            results[i] = parts[i].Result;
        return new ChordReleaseResult(Outgoing.Of(body.Message with { Envelope = body.Template.Fill(results) }), [], [], null);
    }

    private static ChordReleaseResult Fail(ChordPartResult part, ChordBody body, DateTimeOffset now)
    {
        RawJson error = ExceptionDocument.Of("ChordError", $"Dependency {part.TaskId} raised {ReprOf(part.Result)}", "celery.exceptions").Encode();
        OutgoingMessage message = body.Message;
        return new ChordReleaseResult(
            body.OnError,
            [.. body.AlsoFails.Prepend(message.TaskId).Select(Write)],
            body.OuterPart is { } outer ? [outer with { State = TaskState.Failure, Result = error }] : [],
            new Completion(message.TaskId, message.TaskName, TaskState.Failure, message.Queue, "", now, TimeSpan.Zero, null));

        ResultWrite Write(string id)
        {
            ResultDocument document = new() { TaskId = id, State = TaskState.Failure, Result = error, DateDone = now };
            return new ResultWrite(id, TaskState.Failure, document.Encode(), body.ResultExpiresAfter);
        }
    }

    /// <summary>A foreign worker may store anything; the body fails all the same.</summary>
    private static string ReprOf(RawJson result)
    {
        try
        {
            return ExceptionDocument.Decode(result).ToRepr();
        }
        catch (MessageFormatException)
        {
            return PythonRepr.Write(result);
        }
    }
}

/// <summary>One ended part, as the backend stored it.</summary>
/// <param name="Index">Position, or null.</param>
/// <param name="TaskId">The task.</param>
/// <param name="State">SUCCESS, FAILURE or REVOKED.</param>
/// <param name="Result">Return value or exception document.</param>
internal sealed record ChordPartResult(int? Index, string TaskId, TaskState State, RawJson Result);

/// <summary>What to do in the same step as counting the last part.</summary>
/// <param name="Publish">The filled body, or its errbacks.</param>
/// <param name="Results">The ChordError result of the body, where a part failed.</param>
/// <param name="OuterParts">Parts of outer chords that failed with the body; count them in the same step.</param>
/// <param name="Completion">The body's failure, for the feed; null where the body runs.</param>
internal sealed record ChordReleaseResult(
    Outgoing Publish, IReadOnlyList<ResultWrite> Results, IReadOnlyList<ChordPart> OuterParts, Completion? Completion);
