using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>Nodes and what they serve.</summary>
internal sealed record PlacementGroupView(
    [property: Description("A label, such as site=attic, or a pattern of node names, such as pi*@*.")] string Match,
    [property: Description("Queues.")] IReadOnlyList<string> Queues);

/// <summary>Which nodes serve which queues.</summary>
internal sealed record PlacementView(
    [property: Description("everyone: each node serves what it was started with; specialised: groups do.")] string Mode,
    [property: Description("Empty where everyone serves.")] IReadOnlyList<PlacementGroupView> Groups);

/// <summary>The placement to switch to.</summary>
internal sealed record PlacementChange(
    [property: Description("Empty: each node serves what it was started with.")] IReadOnlyList<PlacementGroupView> Groups);

/// <summary>The placement, which workers follow at once.</summary>
internal static class PlacementApi
{
    private const int MostText = 200;

    public static void MapPlacement(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/placement", ReadAsync).WithTags("Workers").WithName("get_placement").WithSummary("Show which nodes serve which queues").Produces<PlacementView>().ProducesProblem(400);
        v1.MapPost("/placement", SwitchAsync).WithTags("Workers").WithName("switch_placement").WithSummary("Switch which nodes serve which queues")
            .Accepts<PlacementChange>("application/json").Produces<PlacementView>().ProducesProblem(400).ProducesProblem(415).ProducesProblem(422);
    }

    private static async Task<Ok<PlacementView>> ReadAsync(HttpContext context, IBackend backend, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        return TypedResults.Ok(Describe(Placement.Read((await backend.Configuration.ReadAsync(cancellationToken))?.Document)));
    }

    private static async Task<Ok<PlacementView>> SwitchAsync(HttpContext context, IBackend backend, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        List<Mistake> mistakes = [];
        ObjectReader reader = new(body.RootElement, "$", mistakes);
        List<PlacementGroup> groups = [];
        if (reader.List("groups") is { } list)
        {
            int index = 0;
            foreach (JsonElement item in list.EnumerateArray())
                groups.Add(ReadGroup(new ObjectReader(item, $"{reader.Path("groups")}[{index++}]", mistakes)));
        }
        else if (mistakes.Count == 0)
            reader.Fail(reader.Path("groups"), "is required");
        reader.Finish();
        if (mistakes.Count > 0)
            throw new ProblemException(Problem.Invalid(mistakes));
        Placement placement = new(groups);
        await new PlacementPublisher(backend.Configuration, $"core@{Environment.MachineName}").PublishAsync(placement, cancellationToken);
        return TypedResults.Ok(Describe(placement));
    }

    private static PlacementGroup ReadGroup(ObjectReader reader)
    {
        PlacementGroup group = new(reader.Text("match", MostText, required: true) ?? "*", reader.Texts("queues"));
        reader.Finish();
        if (group.Mistake() is { } mistake)
            reader.Fail(reader.Path(group.Queues.Count == 0 ? "queues" : "match"), mistake);
        return group;
    }

    private static PlacementView Describe(Placement placement) => new(
        placement.IsSpecialised ? "specialised" : "everyone", [.. placement.Groups.Select(group => new PlacementGroupView(group.Match, group.Queues))]);
}
