using System.Text;
using System.Text.Json;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>Rounds: opened, closed early, declared void; their votes.</summary>
internal static class RoundsApi
{
    private const int MostListed = 500;

    public static void MapRounds(this IEndpointRouteBuilder v1)
    {
        RouteGroupBuilder rounds = v1.MapGroup("/rounds").WithTags("Rounds");
        rounds.MapGet("/", ListAsync).WithName("list_rounds").WithSummary("List rounds, newest first").Produces<RoundListView>().ProducesProblem(400);
        rounds.MapPost("/", OpenAsync).WithName("open_round").WithSummary("Open a round")
            .WithDescription("It closes by itself when its expected votes are in. expected: default that of the core (9). One round is open at a time.")
            .Accepts<RoundRequest>(isOptional: true, "application/json").Produces<RoundView>(201).ProducesProblem(400).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422);
        rounds.MapGet("/{id:long}", ShowAsync).WithName("show_round").WithSummary("A round and its votes, late ones too").Produces<RoundDetailView>().ProducesProblem(404);
        rounds.MapGet("/{id:long}/votes.csv", ExportAsync).WithName("export_round").WithSummary("A round's votes as CSV").Produces<string>(200, "text/csv").ProducesProblem(404);
        rounds.MapPost("/{id:long}/close", CloseAsync).WithName("close_round").WithSummary("Close a round before its votes are in").Produces<RoundView>().ProducesProblem(404).ProducesProblem(409);
        rounds.MapPost("/{id:long}/void", VoidAsync).WithName("void_round").WithSummary("Declare a round void, with a reason")
            .Accepts<VoidRequest>("application/json").Produces<RoundView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422);
        v1.MapGet("/audit", AuditAsync).WithTags("Audit").WithName("list_audit").WithSummary("Changes to devices, rounds, functions and the configuration, newest first").Produces<AuditListView>().ProducesProblem(400);
    }

    private static async Task<Ok<RoundListView>> ListAsync(HttpContext context, IMetadataStore store, CancellationToken cancellationToken)
    {
        int limit = Limit(context);
        return TypedResults.Ok(new RoundListView([.. (await store.Edge.ListRoundsAsync(limit, null, cancellationToken)).Select(RoundView.Of)]));
    }

    private static async Task<IResult> OpenAsync(HttpContext context, EdgeDesk desk, CancellationToken cancellationToken)
    {
        (int? expected, string? question) = (null, null);
        if (context.Request.ContentType is not null || context.Request.ContentLength > 0)
        {
            using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
            List<Mistake> mistakes = [];
            ObjectReader reader = new(body.RootElement, "$", mistakes);
            (expected, question) = (reader.Whole("expected", 1, EdgeDesk.MostExpected), reader.Text("question", EdgeDesk.LongestText));
            reader.Finish();
            if (mistakes.Count > 0)
                return Problem.Invalid(mistakes);
        }

        return await desk.OpenRoundAsync(expected, question, cancellationToken) is { } round
            ? TypedResults.Created($"/v1/rounds/{round.Id}", RoundView.Of(round))
            : Problem.Of(409, "ESS5044", "A round is open", "A round is open already. Close it, declare it void, or wait for its votes.");
    }

    private static async Task<IResult> ShowAsync(long id, IMetadataStore store, CancellationToken cancellationToken) =>
        await store.Edge.GetRoundAsync(id, cancellationToken) is { } round
            ? TypedResults.Ok(new RoundDetailView(RoundView.Of(round), [.. (await store.Edge.ListVotesAsync(id, cancellationToken)).Select(VoteView.Of)]))
            : NoRound(id);

    private static async Task<IResult> ExportAsync(long id, IMetadataStore store, CancellationToken cancellationToken) =>
        await store.Edge.GetRoundAsync(id, cancellationToken) is null
            ? NoRound(id)
            : TypedResults.File(
                Encoding.UTF8.GetBytes(VoteView.Csv((await store.Edge.ListVotesAsync(id, cancellationToken)).Select(VoteView.Of))), "text/csv; charset=utf-8", $"round-{id}.csv");

    private static async Task<IResult> CloseAsync(long id, IMetadataStore store, EdgeDesk desk, CancellationToken cancellationToken) =>
        await desk.CloseRoundAsync(id, cancellationToken) is { } round ? TypedResults.Ok(RoundView.Of(round)) : await NotSoAsync(id, store, cancellationToken);

    private static async Task<IResult> VoidAsync(long id, HttpContext context, IMetadataStore store, EdgeDesk desk, CancellationToken cancellationToken)
    {
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        List<Mistake> mistakes = [];
        ObjectReader reader = new(body.RootElement, "$", mistakes);
        string? reason = reader.Text("reason", EdgeDesk.LongestText, required: true);
        reader.Finish();
        if (mistakes.Count > 0)
            return Problem.Invalid(mistakes);
        return await desk.VoidRoundAsync(id, reason!, cancellationToken) is { } round ? TypedResults.Ok(RoundView.Of(round)) : await NotSoAsync(id, store, cancellationToken);
    }

    private static async Task<Ok<AuditListView>> AuditAsync(HttpContext context, IMetadataStore store, CancellationToken cancellationToken)
    {
        int limit = Limit(context);
        IReadOnlyList<AuditRecord> entries = await store.Edge.ListAuditAsync(limit, cancellationToken);
        return TypedResults.Ok(new AuditListView([.. entries.Select(entry => new AuditView(entry.Number, entry.At, entry.By, entry.Action, entry.Target, entry.Detail))]));
    }

    private static int Limit(HttpContext context)
    {
        QueryReader query = new(context.Request.Query);
        int limit = query.Whole("limit", 1, MostListed, 50);
        query.Finish();
        return limit;
    }

    private static async Task<IResult> NotSoAsync(long id, IMetadataStore store, CancellationToken cancellationToken) =>
        await store.Edge.GetRoundAsync(id, cancellationToken) is { } round
            ? Problem.Of(409, "ESS5045", "Not in this state", $"Round {id} is {round.State}.")
            : NoRound(id);

    private static ProblemHttpResult NoRound(long id) => Problem.Of(404, "ESS5042", "No such round", $"There is no round {id}. GET /v1/rounds lists those there are.");
}

/// <summary>How a round is to be opened.</summary>
internal sealed record RoundRequest(
    [property: System.ComponentModel.Description("Votes to wait for.")] int? Expected, [property: System.ComponentModel.Description("What is asked.")] string? Question);

/// <summary>Why a round is void.</summary>
internal sealed record VoidRequest(string Reason);
