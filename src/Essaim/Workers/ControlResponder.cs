using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Answers Celery's remote control: what <c>celery inspect</c>, Flower, the command line and the core ask of a worker.</summary>
internal sealed class ControlResponder(
    WorkerNode node, WorkerOptions options, IBroker broker, TaskRegistry registry, Scheduler scheduler, Ledger ledger, TaskEventSwitch events, Action shutdown)
{
    private static readonly TimeSpan RevokedKept = TimeSpan.FromHours(3);

    /// <summary>The answer to a request; null: none is sent.</summary>
    public async ValueTask<RawJson?> AnswerAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        switch (request.Method)
        {
            case "ping":
                return Ok("pong");
            case "stats":
                return WorkerReport.Stats(node, options, scheduler);
            case "active" or "dump_active":
                return WorkerReport.Tasks(node, scheduler.GetTasks(running: true));
            case "reserved" or "dump_reserved":
                return WorkerReport.Tasks(node, scheduler.GetTasks(running: false));
            case "registered" or "dump_tasks":
                return RawJson.From(registry.Definitions.Select(task => task.Name)
                    .Where(name => !name.StartsWith("celery.", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray());
            case "active_queues":
                return WorkerReport.Queues(options.Queues);
            case "clock":
                return RawJson.From(new Dictionary<string, long> { ["clock"] = node.Clock });
            case "enable_events":
                return SwitchEvents(on: true);
            case "disable_events":
                return SwitchEvents(on: false);
            case "revoke" or "terminate":
                return await RevokeAsync(request, cancellationToken);
            case "shutdown":
                shutdown();
                return null;
            default:
                return RawJson.From(new Dictionary<string, string> { ["error"] = $"KeyError({PythonRepr.Write(RawJson.From(request.Method))})" });
        }
    }

    private static RawJson Ok(string text) => RawJson.From(new Dictionary<string, string> { ["ok"] = text });

    private RawJson SwitchEvents(bool on)
    {
        bool already = events.IsOn == on;
        events.IsOn = on;
        return Ok($"task events {(already ? "already " : "")}{(on ? "enabled" : "disabled")}");
    }

    private async ValueTask<RawJson?> RevokeAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        (IReadOnlyList<string> ids, bool terminate) = ReadRevoke(request);
        await broker.MarkRevokedAsync(ids, RevokedKept, cancellationToken);
        HashSet<string> wanted = new(ids, StringComparer.Ordinal);
        ReservedTask[] here = [.. ledger.Tasks.Where(task => wanted.Contains(task.Message.Id))];
        foreach (ReservedTask task in here)
            scheduler.Revoke(task, terminate);
        string known = string.Join(", ", here.Select(task => task.Message.Id));
        return terminate
            ? Ok($"terminate: {(known.Length > 0 ? known : "tasks unknown")}")
            : Ok($"tasks {string.Join(", ", ids)} flagged as revoked");
    }

    private static (IReadOnlyList<string> Ids, bool Terminate) ReadRevoke(ControlRequest request)
    {
        bool terminate = request.Method == "terminate";
        List<string> ids = [];
        using JsonDocument arguments = JsonDocument.Parse(request.Arguments.Utf8);
        if (arguments.RootElement.ValueKind != JsonValueKind.Object)
            return (ids, terminate);
        if (arguments.RootElement.TryGetProperty("terminate", out JsonElement flag))
            terminate |= flag.ValueKind == JsonValueKind.True;
        if (!arguments.RootElement.TryGetProperty("task_id", out JsonElement id))
            return (ids, terminate);
        IEnumerable<JsonElement> elements = id.ValueKind == JsonValueKind.Array ? id.EnumerateArray() : [id];
        ids.AddRange(elements.Where(element => element.ValueKind == JsonValueKind.String).Select(element => element.GetString()!));
        return (ids, terminate);
    }
}
