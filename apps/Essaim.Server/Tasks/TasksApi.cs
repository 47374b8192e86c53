using System.Text.Json;
using Essaim.Protocol;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>Submit, look up, list, cancel.</summary>
internal static class TasksApi
{
    private static readonly TimeSpan WorkersAnswerWithin = TimeSpan.FromSeconds(1);

    public static void MapTasks(this IEndpointRouteBuilder v1)
    {
        RouteGroupBuilder tasks = v1.MapGroup("/tasks").WithTags("Tasks");
        tasks.MapPost("/", SubmitAsync).WithName("submit_task").WithSummary("Submit a task")
            .WithDescription("Send an Idempotency-Key to be able to repeat the request safely: the same key with the same body gives the same answer again and makes no second task.")
            .Accepts<TaskSubmission>("application/json").Produces<TaskReceipt>(202).Produces<TaskReceipt>(200)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
        tasks.MapPost("/batch", SubmitBatchAsync).WithName("submit_tasks").WithSummary("Submit many tasks at once")
            .WithDescription("All are accepted in one step, or none is: then the answer lists the mistakes of all of them. Takes an Idempotency-Key.")
            .Accepts<BatchSubmission>("application/json").Produces<BatchReceipt>(202)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
        tasks.MapGet("/", ListAsync).WithName("list_tasks").WithSummary("List tasks, newest submission first")
            .Produces<TaskPageView>().ProducesProblem(400);
        tasks.MapGet("/{id}", GetAsync).WithName("get_task").WithSummary("Look up a task").Produces<TaskView>().ProducesProblem(404);
        tasks.MapGet("/{id}/why", WhyAsync).WithName("explain_task").WithSummary("Say why a task is not running")
            .WithDescription("Asks the broker and the workers, which takes up to a second.").Produces<TaskExplanation>().ProducesProblem(400).ProducesProblem(404);
        tasks.MapPost("/{id}/cancel", CancelAsync).WithName("cancel_task").WithSummary("Cancel a task")
            .WithDescription("A waiting task is REVOKED at once. A running one goes on unless terminate is true. The answer says what state it is in now.")
            .Accepts<CancelRequest>(isOptional: true, "application/json").Produces<CancelReceipt>(202)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422);
        tasks.MapDelete("/{id}", DeleteAsync).WithName("delete_task").WithSummary("Cancel a task (as cancel, with ?terminate=true)")
            .Produces<CancelReceipt>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        tasks.MapTaskResult();
        tasks.MapTaskEvents();
        tasks.MapTaskArtifacts();
        tasks.MapTaskLog();
    }

    private static async Task<IResult> SubmitAsync(
        HttpContext context, TaskClientOptions routing, IdempotentSubmitter submitter, TimeProvider time, CancellationToken cancellationToken)
    {
        byte[] body = await RequestBody.ReadAsync(context, cancellationToken);
        using JsonDocument document = RequestBody.Parse(body);
        PreparedTask task = new TaskSubmissionReader(routing, time).ReadOne(document.RootElement);
        return await submitter.SubmitAsync(context, body, [task], Respond, cancellationToken);

        static RequestResponse Respond(IReadOnlyList<TaskReceipt> receipts) =>
            new(receipts[0].Created ? 202 : 200, Address(receipts[0].Id), JsonSerializer.SerializeToUtf8Bytes(receipts[0], ApiJson.Options));
    }

    private static async Task<IResult> SubmitBatchAsync(
        HttpContext context, ServerOptions options, TaskClientOptions routing, IdempotentSubmitter submitter, TimeProvider time, CancellationToken cancellationToken)
    {
        RequestBody.Allow(context, options.MaxBatchBodyBytes);
        byte[] body = await RequestBody.ReadAsync(context, cancellationToken);
        using JsonDocument document = RequestBody.Parse(body);
        IReadOnlyList<PreparedTask> tasks = new TaskSubmissionReader(routing, time).ReadBatch(document.RootElement, options.MaxBatchTasks);
        return await submitter.SubmitAsync(context, body, tasks, Respond, cancellationToken);

        static RequestResponse Respond(IReadOnlyList<TaskReceipt> receipts) =>
            new(202, null, JsonSerializer.SerializeToUtf8Bytes(new BatchReceipt(receipts), ApiJson.Options));
    }

    private static async Task<Ok<TaskPageView>> ListAsync(
        [AsParameters] TaskListParameters parameters, HttpContext context, IMetadataStore store, CancellationToken cancellationToken)
    {
        TaskPage page = await store.Tasks.ListAsync(TaskListParameters.Read(context.Request.Query), cancellationToken);
        return TypedResults.Ok(new TaskPageView([.. page.Tasks.Select(task => TaskView.Of(task))], page.Next?.Encode()));
    }

    private static async Task<IResult> GetAsync(string id, HttpContext context, IMetadataStore store, IBackend backend, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        TaskRecord? record = await store.Tasks.GetAsync(TaskRecord.DefaultTenant, id, cancellationToken);
        TaskLocation? location = record is { IsEnded: true, State.IsException: false } ? null : await backend.Broker.FindAsync(id, cancellationToken);
        if (record is not null)
            return TypedResults.Ok(TaskView.Of(record, location));
        ResultDocument? result = await backend.Results.GetAsync(id, cancellationToken);
        return location is null && result is null ? Problem.NoTask(id) : TypedResults.Ok(TaskView.Of(id, location, result));
    }

    private static async Task<IResult> WhyAsync(string id, HttpContext context, IBackend backend, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        TaskExplanation explanation = await new TaskExplainer(backend).ExplainAsync(id, WorkersAnswerWithin, cancellationToken);
        return explanation.IsUnknown ? Problem.NoTask(id) : TypedResults.Ok(explanation);
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext context, TaskCanceller canceller, CancellationToken cancellationToken)
    {
        bool terminate = false;
        if (context.Request.ContentType is not null || context.Request.ContentLength > 0)
        {
            using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
            List<Mistake> mistakes = [];
            ObjectReader reader = new(body.RootElement, "$", mistakes);
            terminate = reader.Flag("terminate") ?? false;
            reader.Finish();
            if (mistakes.Count > 0)
                return Problem.Invalid(mistakes);
        }

        return await canceller.CancelAsync(id, terminate, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext context, TaskCanceller canceller, CancellationToken cancellationToken)
    {
        QueryReader reader = new(context.Request.Query);
        bool terminate = reader.Flag("terminate");
        reader.Finish();
        return await canceller.CancelAsync(id, terminate, cancellationToken);
    }

    private static string Address(string id) => $"/v1/tasks/{Uri.EscapeDataString(id)}";
}
