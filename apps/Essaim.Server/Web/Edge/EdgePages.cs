using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server.Web;

/// <summary>The operator's page: devices, the current round, the last rounds; and the same for a screen on a wall.</summary>
internal static class EdgePages
{
    private const int LastRounds = 8;

    public static void MapEdgePages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/edge", ShowAsync);
        pages.MapGet("/edge/live", (HttpContext context, LiveStream stream, EdgePictures pictures, IMetadataStore store, CancellationToken stop) =>
            stream.RunAsync(async cancellationToken => Parts(await ReadAsync(context, pictures, store, cancellationToken)), stop));
        pages.MapGet("/edge/wall", async (EdgePictures pictures, CancellationToken stop) => PageResult.Of<WallPage>(new { Model = await ReadWallAsync(pictures, stop) }));
        pages.MapGet("/edge/wall/live", (LiveStream stream, EdgePictures pictures, CancellationToken stop) =>
            stream.RunAsync(async cancellationToken => WallParts(await ReadWallAsync(pictures, cancellationToken)), stop));
    }

    /// <summary>The number beside the page's name, on every page.</summary>
    public static LivePart Count(EdgePicture picture) => LivePart.Of<EdgeCount>("count-edge", $"{picture.Online}/{picture.Devices.Count}", new { Online = picture.Online, All = picture.Devices.Count });

    private static async Task<IResult> ShowAsync(HttpContext context, EdgePictures pictures, IMetadataStore store, CancellationToken stop) =>
        PageResult.Of<EdgePage>(new { Model = await ReadAsync(context, pictures, store, stop) });

    private static async Task<EdgeModel> ReadAsync(HttpContext context, EdgePictures pictures, IMetadataStore store, CancellationToken cancellationToken)
    {
        EdgeFilter filter = EdgeFilter.Of(context.Request.Query);
        EdgePicture picture = await pictures.ReadAsync(cancellationToken);
        IReadOnlyList<RoundRecord> rounds = await store.Edge.ListRoundsAsync(LastRounds, null, cancellationToken);
        return EdgeModel.Of(picture, filter, [.. rounds.Select(RoundLine.Of)]);
    }

    private static IReadOnlyList<LivePart> Parts(EdgeModel model) =>
    [
        Count(model.Picture),
        LivePart.Of<BrokerState>("broker", model.Broker.ToString(), new { Model = model.Broker }),
        LivePart.Of<RoundPanel>("round", model.Round.Key, new { Model = model.Round }),
        LivePart.Of<DeviceTabs>("device-tabs", string.Join('/', model.Tabs.Select(tab => tab.Count)), new { Model = model }),
        .. Rows(model),
        LivePart.Of<RoundRows>("last-rounds", string.Join('/', model.Rounds), new { Rounds = model.Rounds, Id = "last-rounds" }),
    ];

    /// <summary>The whole table where rows come or go, then row by row.</summary>
    private static IEnumerable<LivePart> Rows(EdgeModel model) =>
        model.Rows.Select(row => LivePart.Of<DeviceRow>(row.ElementId, row.ToString(), new { Device = row }))
            .Prepend(LivePart.Of<DeviceTable>("devices", string.Join(' ', model.Rows.Select(row => row.Id)) + model.Found, new { Model = model }));

    private static async Task<WallModel> ReadWallAsync(EdgePictures pictures, CancellationToken cancellationToken) => WallModel.Of(await pictures.ReadAsync(cancellationToken));

    private static IReadOnlyList<LivePart> WallParts(WallModel model) => [LivePart.Of<WallBoard>("wall", model.Key, new { Model = model })];
}
