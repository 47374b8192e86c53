using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Chords whose headers still run.</summary>
internal static class ChordRows
{
    /// <summary>Counts a part once. Returns what to release where it was the last.</summary>
    public static ChordReleaseResult? Count(WriteStep step, ChordPart part)
    {
        // A chord that is not there was released already, so this part is an echo.
        int added = step.Db.Use(
            """
            INSERT OR IGNORE INTO chord_parts (group_id, task_id, position, state, result)
            SELECT group_id, ?2, ?3, ?4, ?5 FROM chords WHERE group_id = ?1
            """).Add(part.GroupId).Add(part.TaskId).Add(part.Index).Add(part.State.Name).Add(part.Result.Utf8.Span).RunCounting();
        if (added == 0)
            return null;
        step.Db.Use("UPDATE chords SET ended = ended + 1 WHERE group_id = ?1").Add(part.GroupId).Run();
        if (step.Db.Use("SELECT ended >= size FROM chords WHERE group_id = ?1").Add(part.GroupId).ReadNumber() != 1)
            return null;

        ChordReleaseResult release = ChordRelease.Compose(ReadParts(step, part.GroupId), part.Body, step.Now);
        step.Db.Use("DELETE FROM chord_parts WHERE group_id = ?1").Add(part.GroupId).Run();
        step.Db.Use("DELETE FROM chords WHERE group_id = ?1").Add(part.GroupId).Run();
        return release;
    }

    private static List<ChordPartResult> ReadParts(WriteStep step, string groupId)
    {
        List<ChordPartResult> parts = [];
        Statement select = step.Db.Use(
            "SELECT position, task_id, state, result FROM chord_parts WHERE group_id = ?1 ORDER BY position NULLS LAST, task_id").Add(groupId);
        while (select.Step())
        {
            parts.Add(new ChordPartResult(
                (int?)select.GetNullableInt64(0), select.GetText(1), new TaskState(select.GetText(2)), new RawJson(select.GetBytes(3))));
        }

        return parts;
    }
}
