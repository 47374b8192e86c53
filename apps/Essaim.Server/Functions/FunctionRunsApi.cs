using System.ComponentModel;
using System.Text.Json;
using Essaim.Sandbox;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>Runs of functions: submitted, once their inputs fit, and listed.</summary>
internal static class FunctionRunsApi
{
    private const string TaskName = "essaim.function";

    public static void MapFunctionRuns(this IEndpointRouteBuilder functions)
    {
        Describe(functions.MapPost("/{name}/runs", SubmitAsync).WithName("run_function").WithSummary("Run the latest version of a function"));
        Describe(functions.MapPost("/{name}/versions/{version}/runs", SubmitVersionAsync).WithName("run_function_version").WithSummary("Run a version of a function"));
        functions.MapGet("/{name}/runs", ListAsync).WithName("list_function_runs").WithSummary("List the runs of a function, newest first; also of one that was removed")
            .WithDescription("With the filters and pages of the list of tasks.").Produces<TaskPageView>().ProducesProblem(400);
        functions.MapGet("/{name}/versions/{version}/runs", ListVersionAsync).WithName("list_function_version_runs").WithSummary("List the runs of a version, newest first")
            .Produces<TaskPageView>().ProducesProblem(400);
    }

    private static void Describe(RouteHandlerBuilder run) => run
        .WithDescription("Inputs are compared with the function's schema first: 422 with every mistake, and nothing is queued. Takes an Idempotency-Key, as submitting a task does.")
        .Accepts<FunctionRunSubmission>(isOptional: true, "application/json").Produces<TaskReceipt>(202).Produces<TaskReceipt>(200)
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);

    private static Task<IResult> SubmitAsync(
        string name, HttpContext context, IMetadataStore store, FunctionKeeper keeper, FunctionPlan plan, IBackend backend, TaskClientOptions routing, IdempotentSubmitter submitter, TimeProvider time, CancellationToken cancellationToken) =>
        SubmitVersionAsync(name, "latest", context, store, keeper, plan, backend, routing, submitter, time, cancellationToken);

    private static async Task<IResult> SubmitVersionAsync(
        string name, string version, HttpContext context, IMetadataStore store, FunctionKeeper keeper, FunctionPlan plan, IBackend backend, TaskClientOptions routing, IdempotentSubmitter submitter, TimeProvider time,
        CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        FunctionVersion found = await FunctionsApi.FindAsync(store, name, version, cancellationToken);
        byte[] body = context.Request.ContentType is null && context.Request.ContentLength is null or 0 ? "{}"u8.ToArray() : await RequestBody.ReadAsync(context, cancellationToken);
        using JsonDocument document = RequestBody.Parse(body);
        List<Mistake> misfits = [];
        PreparedTask task = new TaskSubmissionReader(routing, time).ReadCall(document.RootElement, TaskName, reader => FunctionCall.Read(reader, found, plan, misfits), misfits);
        if (misfits.Count > 0)
        {
            return Problem.Of(
                422, "ESS6026", "Inputs do not fit", $"{found.Name}@{found.ShortId} was not run: {(misfits.Count == 1 ? "an input is" : $"{misfits.Count} inputs are")} wrong.", misfits);
        }

        IReadOnlyList<Mistake> missing = await FunctionCall.KeepFilesAsync(task.Kwargs, found, backend.Blobs, cancellationToken);
        if (missing.Count > 0)
        {
            return Problem.Of(
                422, "ESS6044", "A file is not there", $"{found.Name}@{found.ShortId} was not run: {(missing.Count == 1 ? "a file is" : $"{missing.Count} files are")} not in the broker.", missing);
        }

        await keeper.EnsureAsync(found, cancellationToken);
        return await submitter.SubmitAsync(context, body, [task with { Function = $"{found.Name}@{found.Id}" }], Respond, cancellationToken);

        static RequestResponse Respond(IReadOnlyList<TaskReceipt> receipts) => new(
            receipts[0].Created ? 202 : 200, $"/v1/tasks/{Uri.EscapeDataString(receipts[0].Id)}", JsonSerializer.SerializeToUtf8Bytes(receipts[0], ApiJson.Options));
    }

    private static Task<Ok<TaskPageView>> ListAsync(
        string name, [AsParameters] TaskListParameters parameters, HttpContext context, IMetadataStore store, CancellationToken cancellationToken) =>
        ReadAsync(FunctionReference.Parse(name).Name, context, store, cancellationToken);

    private static async Task<Ok<TaskPageView>> ListVersionAsync(
        string name, string version, [AsParameters] TaskListParameters parameters, HttpContext context, IMetadataStore store, CancellationToken cancellationToken)
    {
        // A version that was removed is known by its runs only.
        string start = FunctionReference.ParseVersion(version) ?? (await FunctionsApi.FindAsync(store, name, null, cancellationToken)).Id;
        return await ReadAsync($"{FunctionReference.Parse(name).Name}@{start}", context, store, cancellationToken);
    }

    private static async Task<Ok<TaskPageView>> ReadAsync(string function, HttpContext context, IMetadataStore store, CancellationToken cancellationToken)
    {
        TaskPage page = await store.Tasks.ListAsync(TaskListParameters.Read(context.Request.Query) with { Function = function }, cancellationToken);
        return TypedResults.Ok(new TaskPageView([.. page.Tasks.Select(task => TaskView.Of(task))], page.Next?.Encode()));
    }
}

/// <summary>A run to submit. The schema of the API is made from this type; <see cref="FunctionCall"/> and <see cref="TaskSubmissionReader"/> read it.</summary>
internal sealed record FunctionRunSubmission
{
    [Description("Inputs by name, as the function's schema has them.")]
    public IReadOnlyDictionary<string, JsonElement>? Inputs { get; init; }

    [Description("Inputs as words, as on a command line: the schema says what they are.")]
    public IReadOnlyDictionary<string, string>? Texts { get; init; }

    [Description("Limits of this run, none above the version's; files: bytes of all its files together, and of all it leaves (default 256 MiB).")]
    public JsonElement? Limits { get; init; }

    [Description("Files it may read: name and SHA-256 of each, which POST /v1/files answered.")]
    public IReadOnlyDictionary<string, string>? Files { get; init; }

    [Description("Keep what it leaves, for GET /v1/tasks/{id}/artifacts, as long as its result.")]
    public bool? Collect { get; init; }

    [Description("An answer of the same version, inputs, files and limits will do, and this one's is kept.")]
    public bool? Cache { get; init; }

    [Description("How many seconds this run's answer is kept for others. Default 86,400.")]
    public double? CacheFor { get; init; }

    [Description("Queue; by default where the core's routes send the task, else celery.")]
    public string? Queue { get; init; }

    [Description("0 (highest, the default) to 9.")]
    public int? Priority { get; init; }

    [Description("Run no sooner than this many seconds from now. Not together with eta.")]
    public double? Countdown { get; init; }

    [Description("Run no sooner than this instant, ISO 8601; without an offset, UTC.")]
    public DateTimeOffset? Eta { get; init; }

    [Description("Do not start later than this: an instant, or a number of seconds from now. The task is then REVOKED.")]
    public JsonElement? Expires { get; init; }

    [Description("While another task with this key waits or runs, no new one is made: the answer is then 200 and names that one.")]
    public string? UniqueKey { get; init; }

    [Description("How many seconds the unique key is held at the longest. Default 86,400.")]
    public double? UniqueFor { get; init; }

    [Description("Extra headers of the message.")]
    public IReadOnlyDictionary<string, JsonElement>? Headers { get; init; }

    [Description("Id of the task; by default a new UUID. An id that is already known is refused.")]
    public string? Id { get; init; }
}
