using System.ComponentModel;

namespace Essaim.Server;

/// <summary>How one part is.</summary>
internal sealed record HealthPart(
    [property: Description("broker, results, history, configuration, recorder, disk or devices.")] string Name,
    [property: Description("ok, degraded or failed.")] string Status,
    [property: Description("A sentence: what is known, or what is wrong and what to do.")] string Detail)
{
    public const string Ok = "ok", Degraded = "degraded", Failed = "failed";
}

/// <summary>How the core is: the worst of its parts.</summary>
internal sealed record HealthReport(string Status, IReadOnlyList<HealthPart> Parts)
{
    public static HealthReport Of(IReadOnlyList<HealthPart> parts) => new(
        parts.Any(part => part.Status == HealthPart.Failed) ? HealthPart.Failed : parts.Any(part => part.Status == HealthPart.Degraded) ? HealthPart.Degraded : HealthPart.Ok,
        parts);
}
