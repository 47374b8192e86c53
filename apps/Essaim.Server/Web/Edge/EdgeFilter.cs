using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Essaim.Server.Web;

/// <summary>Which devices a page shows; all of it stands in its address.</summary>
/// <param name="Presence">A presence, or empty for all.</param>
/// <param name="Search">Part of an id or a label.</param>
/// <param name="Page">From 1.</param>
internal sealed record EdgeFilter(string Presence, string Search, int Page)
{
    public const int PageSize = 50;

    public static EdgeFilter Of(IQueryCollection query) => new(
        DeviceLine.Presences.FirstOrDefault(presence => presence == query["show"]) ?? "",
        query["search"].ToString().Trim(),
        int.TryParse(query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out int page) && page > 0 ? page : 1);

    public bool IsOn => Presence.Length > 0 || Search.Length > 0;

    public IReadOnlyList<DeviceLine> Apply(IReadOnlyList<DeviceLine> devices) => [.. devices.Where(device =>
        (Presence.Length == 0 || device.Presence == Presence)
        && (Search.Length == 0 || device.Id.Contains(Search, StringComparison.OrdinalIgnoreCase) || device.Label?.Contains(Search, StringComparison.CurrentCultureIgnoreCase) == true))];

    public string Query(string? presence = null, int page = 1) => QueryString.Create(
        ((string Name, string Value)[])[("show", presence ?? Presence), ("search", Search), ("page", page > 1 ? ((long)page).Invariant() : "")]
            is var pairs ? pairs.Where(pair => pair.Value.Length > 0).Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)) : []).ToString();
}
