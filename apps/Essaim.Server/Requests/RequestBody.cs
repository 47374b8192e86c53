using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Essaim.Server;

/// <summary>Reads bodies: whole, bounded, and as JSON.</summary>
internal static class RequestBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads the body. Its size is bounded by the server.</summary>
    /// <exception cref="ProblemException"><c>ESS5013</c>: not JSON by its content type.</exception>
    /// <exception cref="BadHttpRequestException">Too large.</exception>
    public static async ValueTask<byte[]> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        HttpRequest request = context.Request;
        if (!request.HasJsonContentType())
            throw new ProblemException(Problem.NotJson(request));
        using MemoryStream buffer = new();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    /// <exception cref="ProblemException"><c>ESS5010</c>: malformed.</exception>
    public static JsonDocument Parse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body, Strict);
        }
        catch (JsonException error)
        {
            string where = error.LineNumber is { } line ? $" at line {line + 1}, byte {error.BytePositionInLine + 1}" : "";
            throw new ProblemException(Problem.Of(
                400,
                "ESS5010",
                "Malformed JSON",
                body.Length == 0 ? "The body is empty; it must be a JSON object." : $"The body is not JSON{where}: {Reason(error)}"));
        }
    }

    /// <summary>Allows this request a larger body than others.</summary>
    public static void Allow(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = bytes;
    }

    public static long Limit(HttpContext context) => context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? 0;

    /// <summary>The reader's reason without the place, which it counts from zero.</summary>
    private static string Reason(JsonException error)
    {
        int place = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return place < 0 ? error.Message : error.Message[..place];
    }
}
