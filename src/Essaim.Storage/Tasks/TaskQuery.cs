using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Essaim.Storage;

/// <summary>Which tasks to list. A null filter filters nothing.</summary>
internal sealed record TaskQuery
{
    public string Tenant { get; init; } = TaskRecord.DefaultTenant;

    /// <summary>Any of these states; empty: all.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>Task name; <c>*</c> and <c>?</c> stand for any characters and one character.</summary>
    public string? Name { get; init; }

    public string? Queue { get; init; }

    public string? Worker { get; init; }

    public string? RootId { get; init; }

    /// <summary>Runs of this function; with <c>@</c> and a beginning of an id, of such versions.</summary>
    public string? Function { get; init; }

    /// <summary>Only what has not ended.</summary>
    public bool Open { get; init; }

    /// <summary>Submitted at or after.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Submitted before.</summary>
    public DateTimeOffset? Until { get; init; }

    public TaskCursor? After { get; init; }

    public int Limit { get; init; } = 50;
}

/// <summary>A page of tasks.</summary>
/// <param name="Tasks">Newest submission first.</param>
/// <param name="Next">Where the next page begins; null on the last.</param>
internal sealed record TaskPage(IReadOnlyList<TaskRecord> Tasks, TaskCursor? Next);

/// <summary>A place in the list of tasks that stays valid while tasks come and go.</summary>
/// <param name="SubmittedAt">Microseconds since 1970.</param>
/// <param name="Number">Tie-break: the order of recording.</param>
internal readonly record struct TaskCursor(long SubmittedAt, long Number)
{
    public string Encode() => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{SubmittedAt}.{Number}")));

    public static bool TryParse(string text, out TaskCursor cursor)
    {
        cursor = default;
        if (text.Length > 64 || !Base64Url.IsValid(text))
            return false;
        string[] parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split('.');
        if (parts.Length != 2
            || !long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long submittedAt)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return false;
        }

        cursor = new TaskCursor(submittedAt, number);
        return true;
    }
}
