using System.Net.Mime;
using Essaim.Sandbox;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>Functions: pushed, listed, shown, removed.</summary>
internal static class FunctionsApi
{
    public static void MapFunctions(this IEndpointRouteBuilder v1)
    {
        RouteGroupBuilder functions = v1.MapGroup("/functions").WithTags("Functions");
        functions.MapGet("/", ListAsync).WithName("list_functions").WithSummary("List functions with their latest versions").Produces<FunctionListView>().ProducesProblem(400);
        Describe(functions.MapPost("/", PushAsync).WithName("push_function").WithSummary("Push a function: a new one, or a new version of one"));
        Describe(functions.MapPost("/{name}/versions", PushVersionAsync).WithName("push_function_version").WithSummary("Push a new version of a function")).ProducesProblem(404);
        functions.MapGet("/{name}", ShowAsync).WithName("get_function").WithSummary("The latest version of a function").Produces<FunctionVersionView>().ProducesProblem(400).ProducesProblem(404);
        functions.MapGet("/{name}/versions", ListVersionsAsync).WithName("list_function_versions").WithSummary("The versions of a function, the latest first")
            .Produces<FunctionVersionListView>().ProducesProblem(400).ProducesProblem(404);
        functions.MapGet("/{name}/versions/{version}", ShowVersionAsync).WithName("get_function_version").WithSummary("A version: by the beginning of its id, or latest")
            .Produces<FunctionVersionView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        functions.MapGet("/{name}/versions/{version}/source", DownloadAsync).WithName("get_function_source").WithSummary("The source of a version, as it was pushed")
            .Produces<string>(200, "text/x-python", "application/zip").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        functions.MapDelete("/{name}", RemoveAsync).WithName("remove_function").WithSummary("Remove a function with all its versions")
            .WithDescription("Refused while a run of it has not ended or a schedule calls it; ?force=true removes it all the same. What it ran stays in the history.")
            .Produces<FunctionRemovalView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        functions.MapDelete("/{name}/versions/{version}", RemoveVersionAsync).WithName("remove_function_version").WithSummary("Remove a version (as the function)")
            .Produces<FunctionRemovalView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        functions.MapFunctionRuns();
    }

    /// <summary>Finds a version that is named in an address.</summary>
    /// <exception cref="FunctionException"><c>ESS6021</c>, <c>ESS6022</c>, <c>ESS6023</c>.</exception>
    public static async ValueTask<FunctionVersion> FindAsync(IMetadataStore store, string name, string? version, CancellationToken cancellationToken)
    {
        FunctionReference reference = new(FunctionReference.Parse(name).Name, version is null ? null : FunctionReference.ParseVersion(version));
        IReadOnlyList<FunctionVersion> found = await store.Functions.FindAsync(TaskRecord.DefaultTenant, reference.Name, reference.Version, cancellationToken);
        return found.Count switch
        {
            0 => throw reference.NotFound(),
            1 => found[0],
            _ => throw reference.Ambiguous(),
        };
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder push) => push
        .WithDescription(
            "A form with the file (curl -F file=@beam.py), or JSON. It is looked at in the sandbox first: 422 with line and column where it cannot be a function. "
            + "201 with a new version, 200 with the version there is where this very content was pushed before; either is the latest from then on.")
        .Accepts<FunctionSubmission>("application/json", "multipart/form-data").Produces<FunctionVersionView>(201).Produces<FunctionVersionView>(200)
        .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);

    private static async Task<Ok<FunctionListView>> ListAsync(HttpContext context, IMetadataStore store, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        IReadOnlyList<FunctionSummary> functions = await store.Functions.ListAsync(TaskRecord.DefaultTenant, cancellationToken);
        return TypedResults.Ok(new FunctionListView(
            [.. functions.Select(one => new FunctionView(one.Latest.Name, one.Latest.Description, one.Versions, FunctionVersionView.Of(one.Latest, latest: true)))]));
    }

    private static Task<IResult> PushAsync(HttpContext context, FunctionPublisher publisher, FunctionPlan plan, CancellationToken cancellationToken) =>
        TakeAsync(null, context, publisher, plan, cancellationToken);

    private static async Task<IResult> PushVersionAsync(
        string name, HttpContext context, IMetadataStore store, FunctionPublisher publisher, FunctionPlan plan, CancellationToken cancellationToken)
    {
        await FindAsync(store, name, null, cancellationToken);
        return await TakeAsync(name, context, publisher, plan, cancellationToken);
    }

    private static async Task<IResult> TakeAsync(string? name, HttpContext context, FunctionPublisher publisher, FunctionPlan plan, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        FunctionUpload upload = await FunctionUpload.ReadAsync(context, name, plan, cancellationToken);
        FunctionAddition addition = await publisher.PushAsync(upload, EdgeDesk.By, cancellationToken);
        FunctionVersionView view = FunctionVersionView.Of(addition.Version, latest: true, addition.IsNew);
        return addition.IsNew ? TypedResults.Created($"/v1/functions/{view.Name}/versions/{view.Version}", view) : TypedResults.Ok(view);
    }

    private static Task<Ok<FunctionVersionView>> ShowAsync(string name, HttpContext context, IMetadataStore store, CancellationToken cancellationToken) =>
        ShowVersionAsync(name, "latest", context, store, cancellationToken);

    private static async Task<Ok<FunctionVersionView>> ShowVersionAsync(
        string name, string version, HttpContext context, IMetadataStore store, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        FunctionVersion found = await FindAsync(store, name, version, cancellationToken);
        return TypedResults.Ok(FunctionVersionView.Of(found, await IsLatestAsync(store, found, cancellationToken)));
    }

    private static async Task<Ok<FunctionVersionListView>> ListVersionsAsync(string name, HttpContext context, IMetadataStore store, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        await FindAsync(store, name, null, cancellationToken);
        IReadOnlyList<FunctionVersion> versions = await store.Functions.ListVersionsAsync(TaskRecord.DefaultTenant, name, cancellationToken);
        return TypedResults.Ok(new FunctionVersionListView([.. versions.Select((one, i) => FunctionVersionView.Of(one, latest: i == 0))]));
    }

    private static async Task<FileContentHttpResult> DownloadAsync(
        string name, string version, HttpContext context, IMetadataStore store, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        FunctionVersion found = await FindAsync(store, name, version, cancellationToken);
        byte[] source = await store.Functions.ReadSourceAsync(found.Tenant, name, found.Id, cancellationToken) ?? throw new FunctionReference(name, found.ShortId).NotFound();
        bool isArchive = source.AsSpan().StartsWith("PK\u0003\u0004"u8);
        return TypedResults.File(source, isArchive ? MediaTypeNames.Application.Zip : "text/x-python", found.Entry);
    }

    private static async Task<IResult> RemoveAsync(
        string name, HttpContext context, IMetadataStore store, FunctionUse use, FunctionKeeper keeper, IBackend backend, TimeProvider time, CancellationToken cancellationToken)
    {
        bool force = ReadForce(context);
        await FindAsync(store, name, null, cancellationToken);
        if (!force && await use.FindAsync(name, null, isLatest: true, cancellationToken) is { Count: > 0 } users)
            return Needed($"The function '{name}'", users);
        return await DropAsync(name, null, store, keeper, backend, time, cancellationToken);
    }

    private static async Task<IResult> RemoveVersionAsync(
        string name, string version, HttpContext context, IMetadataStore store, FunctionUse use, FunctionKeeper keeper, IBackend backend, TimeProvider time, CancellationToken cancellationToken)
    {
        bool force = ReadForce(context);
        FunctionVersion found = await FindAsync(store, name, version, cancellationToken);
        if (!force && await use.FindAsync(name, found.Id, await IsLatestAsync(store, found, cancellationToken), cancellationToken) is { Count: > 0 } users)
            return Needed($"The version {found.ShortId} of '{name}'", users);
        return await DropAsync(name, found.Id, store, keeper, backend, time, cancellationToken);
    }

    private static async Task<IResult> DropAsync(
        string name, string? id, IMetadataStore store, FunctionKeeper keeper, IBackend backend, TimeProvider time, CancellationToken cancellationToken)
    {
        IReadOnlyList<FunctionVersion> removed = await store.Functions.RemoveAsync(TaskRecord.DefaultTenant, name, id, EdgeDesk.By, time.GetUtcNow(), cancellationToken);
        // Removed is removed: what follows is not left half done because a client went away.
        await keeper.TryPublishAsync(name, CancellationToken.None);
        await keeper.ForgetSourcesAsync(removed, CancellationToken.None);
        return TypedResults.Ok(new FunctionRemovalView(name, [.. removed.Select(version => version.ShortId)]));
    }

    private static bool ReadForce(HttpContext context)
    {
        QueryReader query = new(context.Request.Query);
        bool force = query.Flag("force");
        query.Finish();
        return force;
    }

    private static ProblemHttpResult Needed(string what, IReadOnlyList<string> users) => Problem.Of(
        409, "ESS6027", "Needed", $"{what} was not removed: {string.Join("; ", users)}. Wait for them, cancel or change them, or remove it all the same with ?force=true (--force).");

    private static async ValueTask<bool> IsLatestAsync(IMetadataStore store, FunctionVersion version, CancellationToken cancellationToken) =>
        (await FindAsync(store, version.Name, null, cancellationToken)).Id == version.Id;
}
