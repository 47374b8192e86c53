using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>A file that was taken.</summary>
internal sealed record FileReceipt(
    [property: Description("Names it in the files of a run.")] string Sha256,
    [property: Description("In bytes.")] long Size,
    [property: Description("It is kept until then at least; a run that names it keeps it for as long as it needs it.")] DateTimeOffset ExpiresAt);

/// <summary>Files for runs, taken before the runs that read them.</summary>
internal static class FilesApi
{
    /// <summary>How long a file waits for its run, and a run's files for its start.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    private const string Address = "/v1/files";

    // A file is in memory once while it is taken: on a small board others wait.
    private static readonly SemaphoreSlim Taking = new(2);

    public static void MapFiles(this IEndpointRouteBuilder v1) =>
        v1.MapPost("/files", TakeAsync).WithName("put_file").WithTags("Functions").WithSummary("Put a file that runs of functions may read")
            .WithDescription("The body is the file, at most 64 MiB; it is kept for a day, in the broker. The same content is kept once.")
            .Accepts<byte[]>("application/octet-stream").Produces<FileReceipt>(201).ProducesProblem(413).ProducesProblem(415);

    /// <summary>Says what to send instead; null where the request is not for this.</summary>
    public static ProblemHttpResult? ExplainContentType(HttpRequest request) => request.Path == Address
        ? Problem.Of(415, "ESS5013", "Not a file", "Send the file itself as the body: curl --data-binary @mesh.inp -H 'Content-Type: application/octet-stream'.")
        : null;

    private static async Task<IResult> TakeAsync(HttpContext context, IBackend backend, TimeProvider time, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        RequestBody.Allow(context, IBlobStore.MostBytes);
        await Taking.WaitAsync(cancellationToken);
        try
        {
            using MemoryStream content = new((int)Math.Min(context.Request.ContentLength ?? 0, IBlobStore.MostBytes));
            await context.Request.Body.CopyToAsync(content, cancellationToken);
            DateTimeOffset expires = time.GetUtcNow() + Kept;
            string id = await backend.Blobs.PutAsync(content.GetBuffer().AsMemory(0, (int)content.Length), Kept, cancellationToken);
            return TypedResults.Json(new FileReceipt(id, content.Length, expires), ApiJson.Options, statusCode: 201);
        }
        catch (BadHttpRequestException large) when (large.StatusCode == 413)
        {
            return Problem.Of(413, "ESS6041", "File too large", string.Create(
                CultureInfo.InvariantCulture, $"A file has at most {IBlobStore.MostBytes:N0} bytes (64 MiB). Compress it, split it, or put it where the machines can read it."));
        }
        finally
        {
            Taking.Release();
        }
    }
}
