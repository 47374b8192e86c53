using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server.Web;

/// <summary>Who did what to what.</summary>
internal static class AuditPages
{
    private const int Most = 200;

    public static void MapAuditPage(this IEndpointRouteBuilder pages) => pages.MapGet("/audit", async (IMetadataStore store, CancellationToken stop) =>
    {
        IReadOnlyList<AuditRecord> entries = await store.Edge.ListAuditAsync(Most, stop);
        return PageResult.Of<AuditPage>(new
        {
            Entries = (IReadOnlyList<AuditLine>)[.. entries.Select(entry => new AuditLine(entry.At, entry.By, entry.Action, entry.Target, entry.Detail))],
        });
    });
}

/// <summary>A change that was made.</summary>
public sealed record AuditLine(DateTimeOffset At, string By, string Action, string Target, string? Detail);
