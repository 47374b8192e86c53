using System.Globalization;
using System.Text;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server.Web;

/// <summary>Rounds: their history, one with its votes, and what can be done to them. Every question has an address of its own, so that it works without scripts.</summary>
internal static class RoundPages
{
    private const int PageSize = 50;

    public static void MapRoundPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/edge/rounds", ListAsync);
        pages.MapGet("/edge/rounds/open", (EdgeOptions options) => PageResult.Of<OpenRoundForm>(new { Expected = ((long)options.ExpectedVotes).Invariant() }));
        pages.MapPost("/edge/rounds/open", OpenAsync);
        pages.MapGet("/edge/rounds/{id:long}", ShowAsync);
        pages.MapGet("/edge/rounds/{id:long}/live", (long id, LiveStream stream, EdgePictures pictures, IMetadataStore store, CancellationToken stop) =>
            stream.RunAsync(async cancellationToken => Parts(await pictures.ReadAsync(cancellationToken), await ReadAsync(id, store, cancellationToken)), stop));
        pages.MapGet("/edge/rounds/{id:long}/votes.csv", ExportAsync);
        pages.MapGet("/edge/rounds/{id:long}/close", (long id, IMetadataStore store, CancellationToken stop) => AskAsync<CloseRoundForm>(id, store, round => round.IsOpen, stop));
        pages.MapPost("/edge/rounds/{id:long}/close", CloseAsync);
        pages.MapGet("/edge/rounds/{id:long}/void", (long id, IMetadataStore store, CancellationToken stop) => AskAsync<VoidRoundForm>(id, store, round => !round.IsVoid, stop));
        pages.MapPost("/edge/rounds/{id:long}/void", VoidAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, IMetadataStore store, CancellationToken stop)
    {
        long? before = long.TryParse(context.Request.Query["before"], NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? id : null;
        List<RoundLine> rounds = [.. (await store.Edge.ListRoundsAsync(PageSize + 1, before, stop)).Select(RoundLine.Of)];
        bool hasMore = rounds.Count > PageSize;
        return PageResult.Of<RoundsPage>(new { Rounds = (IReadOnlyList<RoundLine>)rounds[..Math.Min(PageSize, rounds.Count)], IsNewest = before is null, HasMore = hasMore });
    }

    private static async Task<IResult> ShowAsync(long id, IMetadataStore store, CancellationToken stop) =>
        await ReadAsync(id, store, stop) is { } model ? PageResult.Of<RoundPage>(new { Model = model }) : NoRound(id);

    private static async Task<RoundModel?> ReadAsync(long id, IMetadataStore store, CancellationToken cancellationToken)
    {
        if (await store.Edge.GetRoundAsync(id, cancellationToken) is not { } round)
            return null;
        Dictionary<string, string?> labels = (await store.Edge.ListDevicesAsync(cancellationToken)).ToDictionary(device => device.Id, device => device.Label);
        return new RoundModel { Round = RoundLine.Of(round), Votes = [.. (await store.Edge.ListVotesAsync(id, cancellationToken)).Select(vote => VoteLine.Of(vote, labels.GetValueOrDefault(vote.Slot)))] };
    }

    private static IReadOnlyList<LivePart> Parts(EdgePicture picture, RoundModel? model) => model is null
        ? []
        :
        [
            EdgePages.Count(picture),
            LivePart.Of<RoundSummary>("round", model.Round.ToString(), new { Model = model }),
            LivePart.Of<VoteTable>("votes", string.Create(CultureInfo.InvariantCulture, $"{model.Votes.Count}"), new { Model = model }),
        ];

    private static async Task<IResult> OpenAsync(HttpContext context, Visit visit, Texts texts, EdgeDesk desk)
    {
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        (string expected, string question) = (form["expected"].ToString().Trim(), form["question"].ToString().Trim());
        string? mistake = !int.TryParse(expected, NumberStyles.None, CultureInfo.InvariantCulture, out int votes) || votes is < 1 or > EdgeDesk.MostExpected ? "round.expected-wrong"
            : question.Length > EdgeDesk.LongestText ? "round.text-long" : null;
        RoundRecord? round = null;
        if (mistake is null && (round = await desk.OpenRoundAsync(votes, question.Length > 0 ? question : null, context.RequestAborted)) is null)
            mistake = "round.open-already";
        return round is null
            ? PageResult.Of<OpenRoundForm>(new { Expected = expected, Question = question, Mistake = mistake }, 422)
            : Done.With(context, visit, "/edge", texts["round.opened", round.Id]);
    }

    private static async Task<IResult> CloseAsync(long id, HttpContext context, Visit visit, Texts texts, EdgeDesk desk, IMetadataStore store) =>
        await desk.CloseRoundAsync(id, context.RequestAborted) is { } round
            ? Done.With(context, visit, RoundLine.Of(round).Address, texts["round.closed-now", id])
            : await AskAsync<CloseRoundForm>(id, store, state => state.IsOpen, context.RequestAborted);

    private static async Task<IResult> VoidAsync(long id, HttpContext context, Visit visit, Texts texts, EdgeDesk desk, IMetadataStore store)
    {
        string reason = (await context.Request.ReadFormAsync(context.RequestAborted))["reason"].ToString().Trim();
        if (reason.Length is 0 or > EdgeDesk.LongestText)
            return await AskAsync<VoidRoundForm>(id, store, round => !round.IsVoid, context.RequestAborted, reason.Length == 0 ? "round.reason-missing" : "round.text-long", reason);
        return await desk.VoidRoundAsync(id, reason, context.RequestAborted) is { } round
            ? Done.With(context, visit, RoundLine.Of(round).Address, texts["round.voided-now", id])
            : await AskAsync<VoidRoundForm>(id, store, state => !state.IsVoid, context.RequestAborted);
    }

    /// <summary>The question, or why it can no longer be asked.</summary>
    private static async Task<IResult> AskAsync<T>(
        long id, IMetadataStore store, Func<RoundLine, bool> isPossible, CancellationToken cancellationToken, string? mistake = null, string text = "")
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        if (await store.Edge.GetRoundAsync(id, cancellationToken) is not { } record)
            return NoRound(id);
        RoundLine round = RoundLine.Of(record);
        if (!isPossible(round))
            return PageResult.Of<TooLate>(new { Round = round }, 409);
        return typeof(T) == typeof(VoidRoundForm)
            ? PageResult.Of<VoidRoundForm>(new { Round = round, Mistake = mistake, Reason = text }, mistake is null ? 200 : 422)
            : PageResult.Of<T>(new { Round = round });
    }

    private static async Task<IResult> ExportAsync(long id, IMetadataStore store, CancellationToken stop) =>
        await store.Edge.GetRoundAsync(id, stop) is null
            ? NoRound(id)
            : TypedResults.File(Encoding.UTF8.GetBytes(VoteView.Csv((await store.Edge.ListVotesAsync(id, stop)).Select(VoteView.Of))), "text/csv; charset=utf-8", $"round-{id.Invariant()}.csv");

    private static PageResult NoRound(long id) => PageResult.Of<ErrorPage>(new { Title = "error.no-round", Detail = id.Invariant() }, 404);
}

/// <summary>A round with all its votes.</summary>
public sealed record RoundModel
{
    internal RoundLine Round { get; init; } = null!;

    internal IReadOnlyList<VoteLine> Votes { get; init; } = [];

    internal RoundPanelModel Panel => RoundPanelModel.Of(Round, Votes);
}
