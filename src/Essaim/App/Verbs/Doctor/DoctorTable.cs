namespace Essaim;

/// <summary>Findings as a table, or as JSON.</summary>
internal static class DoctorTable
{
    private static readonly string[] Headers = ["CHECK", "STATUS", "FOUND", "WHAT TO DO"];

    public static void Write(CommandOutput output, IReadOnlyList<DoctorFinding> findings)
    {
        if (output.IsJson)
            output.Json(findings.Select(finding => new { check = finding.Check, status = WordOf(finding.Status), detail = finding.Detail, advice = finding.Advice }));
        else
            output.Table(Headers, [.. findings.Select(finding => (IReadOnlyList<string>)[finding.Check, WordOf(finding.Status), finding.Detail, finding.Advice ?? ""])]);
    }

    private static string WordOf(DoctorStatus status) => status switch
    {
        DoctorStatus.Ok => "ok",
        DoctorStatus.Warn => "warn",
        _ => "fail",
    };
}
