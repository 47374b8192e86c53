using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Essaim.Server;

/// <summary>One mistake in a request.</summary>
/// <param name="Path">Where: a JSON path such as <c>$.tasks[3].priority</c>, or the name of a parameter or header.</param>
/// <param name="Message">What is wrong and what would be right.</param>
internal sealed record Mistake(string Path, string Message)
{
    /// <summary>Line of a file, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Line { get; init; }

    /// <summary>Column of a file, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Column { get; init; }
}

/// <summary>Makes problem documents (RFC 9457) with our codes.</summary>
internal static class Problem
{
    public static ProblemHttpResult Of(int status, string code, string title, string detail, IReadOnlyList<Mistake>? errors = null)
    {
        ProblemDetails problem = new() { Type = $"urn:essaim:error:{code}", Title = title, Status = status, Detail = detail };
        problem.Extensions["code"] = code;
        if (errors is not null)
            problem.Extensions["errors"] = errors;
        return TypedResults.Problem(problem);
    }

    public static ProblemHttpResult Invalid(IReadOnlyList<Mistake> mistakes) => Of(
        422,
        "ESS5011",
        "Invalid request",
        mistakes.Count == 1 ? "The request has a mistake; nothing was done." : $"The request has {mistakes.Count} mistakes; nothing was done.",
        mistakes);

    public static ProblemHttpResult InvalidQuery(IReadOnlyList<Mistake> mistakes) => Of(
        400,
        "ESS5012",
        "Invalid parameters",
        mistakes.Count == 1 ? "A parameter of the request is wrong." : $"{mistakes.Count} parameters of the request are wrong.",
        mistakes);

    public static ProblemHttpResult NotJson(HttpRequest request) => Of(
        415,
        "ESS5013",
        "Not JSON",
        string.IsNullOrEmpty(request.ContentType)
            ? "The request has no content type. Send JSON with 'Content-Type: application/json'."
            : $"The content type '{request.ContentType}' is not supported. Send JSON with 'Content-Type: application/json'.");

    public static ProblemHttpResult NoTask(string id) => Of(
        404, "ESS5020", "No such task", $"Neither the history nor the broker knows a task '{id}'. It may have been removed from the history since, or belong to another broker.");
}
