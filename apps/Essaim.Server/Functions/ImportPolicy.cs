using Essaim.Sandbox;

namespace Essaim.Server;

/// <summary>What is said about a source, and what it is refused for. One is given with each look, so that whoever pushes can have a policy of his own.</summary>
/// <param name="Refuses">Findings that are grave refuse it.</param>
/// <param name="Allowed">Packages beside Python's own; null: all.</param>
internal sealed record ImportPolicy(bool Refuses, IReadOnlyCollection<string>? Allowed)
{
    // Of Python's own or common ones; in the sandbox there is nobody to talk to.
    private static readonly HashSet<string> Network = ["socket", "ssl", "http", "urllib", "ftplib", "smtplib", "imaplib", "requests", "httpx", "aiohttp", "urllib3"];

    public static ImportPolicy Of(FunctionOptions options) => new(options.RefuseFindings, options.AllowedImports);

    /// <summary>All that is worth knowing, the gravest first.</summary>
    /// <param name="report">What was seen.</param>
    /// <param name="isHere">The environment is the one that was looked in: what is missing there is missing.</param>
    public IReadOnlyList<FunctionFinding> Judge(SourceReport report, bool isHere) =>
    [
        .. report.Imports.Select(one => JudgeImport(one, isHere)).OfType<FunctionFinding>().Concat(report.Scan.Findings.Select(JudgeScan))
            .OrderBy(finding => finding.Severity switch { "high" => 0, "medium" => 1, _ => 2 }),
    ];

    private FunctionFinding? JudgeImport(ImportedPackage one, bool isHere)
    {
        FunctionFinding? Say(string severity, string message, bool grave) =>
            new() { Kind = "import", Severity = severity, Line = one.Line, Column = one.Column, Message = message, Refused = grave && Refuses };
        if (one.Origin is "installed" or "missing" && Allowed?.Contains(one.Package) == false)
            return Say("high", $"the package '{one.Package}' is not among those allowed here{(Allowed.Count > 0 ? ": " + string.Join(", ", Allowed.Order(StringComparer.Ordinal)) : "")}", grave: true);
        if (one.Origin == "missing" && isHere)
            return Say(one.Sure ? "high" : "low", $"the package '{one.Package}' is not in this environment", one.Sure);
        return Network.Contains(one.Package) && one.Origin != "own" ? Say("low", $"'{one.Package}' is used, but the sandbox has no network", grave: false) : null;
    }

    private FunctionFinding JudgeScan(ScanFinding one) => new()
    {
        Kind = "scan",
        Severity = one.Severity,
        Confidence = one.Confidence,
        Rule = one.Rule,
        File = one.File,
        Line = one.Line,
        Message = one.Message,
        Refused = Refuses && one.Severity == "high",
    };
}
