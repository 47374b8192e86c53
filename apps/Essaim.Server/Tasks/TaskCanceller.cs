using System.ComponentModel;
using Essaim.Protocol;
using Essaim.Storage;
using Microsoft.AspNetCore.Http;

namespace Essaim.Server;

/// <summary>How to cancel.</summary>
internal sealed record CancelRequest([property: Description("True: end it even if it runs. Default false.")] bool? Terminate);

/// <summary>What became of a cancellation.</summary>
internal sealed record CancelReceipt(string Id, [property: Description("The state now: REVOKED where it waited; else workers have been told.")] string State);

/// <summary>Cancels tasks that have not ended.</summary>
internal sealed class TaskCanceller(TaskClient client, IBackend backend, IMetadataStore store)
{
    public async Task<IResult> CancelAsync(string id, bool terminate, CancellationToken cancellationToken)
    {
        TaskState? state = await FindStateAsync(id, cancellationToken);
        if (state is null)
            return Problem.NoTask(id);
        if (state.Value.IsReady)
            return Problem.Of(409, "ESS5023", "Already ended", $"The task '{id}' has ended with {state}; there is nothing to cancel.");
        await client.RevokeAsync([id], terminate, cancellationToken);
        TaskState now = await FindStateAsync(id, cancellationToken) ?? state.Value;
        return TypedResults.Accepted((string?)null, new CancelReceipt(id, now.Name));
    }

    private async ValueTask<TaskState?> FindStateAsync(string id, CancellationToken cancellationToken)
    {
        if (await backend.Results.GetAsync(id, cancellationToken) is { State.IsReady: true } result)
            return result.State;
        if (await store.Tasks.GetAsync(TaskRecord.DefaultTenant, id, cancellationToken) is { } record)
            return record.State;
        return await backend.Broker.FindAsync(id, cancellationToken) is null ? null : TaskState.Pending;
    }
}
