namespace Essaim.Edge;

/// <summary>Something of a device does not work.</summary>
internal sealed class EdgeException : EssaimException
{
    private EdgeException(string code, string message, Exception? inner)
        : base(code, message, inner)
    {
    }

    public static EdgeException Journal(string path, Exception inner) => new(
        "ESS6120", $"The journal of votes '{path}' cannot be read or written: {inner.Message.TrimEnd('.')}. Votes are refused until it can; check the disk, its space and who owns the file.", inner);

    public static EdgeException NoGpioChip(IReadOnlyList<string> labels, IReadOnlyList<string> found) => new(
        "ESS6130",
        $"No GPIO chip has the label {string.Join(", ", labels)}; {(found.Count == 0 ? "there is none at all" : "found " + string.Join(", ", found))}. On a machine without GPIO use --gpio none; otherwise name the chip's label, and put this user into the group gpio.",
        null);

    public static EdgeException GpioLines(IReadOnlyDictionary<string, uint> lines, string why) => new(
        "ESS6131",
        $"The GPIO lines {string.Join(", ", lines.Select(line => $"{line.Key}={line.Value}"))} cannot be had: {why}. Does another program hold them, and are the numbers right?",
        null);

    public static EdgeException Gpio(string what, string why) => new(
        "ESS6132", $"GPIO does not answer for {what}: {why}. The agent has to be started again.", null);
}
