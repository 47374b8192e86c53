using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>The tasks every Celery worker has and that are really sent as messages.</summary>
internal static class BuiltInTasks
{
    public const string Accumulate = "celery.accumulate";

    public static IEnumerable<TaskDefinition> All =>
    [
        Define("celery.map", (scope, args, kwargs, stop) => MapAsync(scope, kwargs, star: false, stop)),
        Define("celery.starmap", (scope, args, kwargs, stop) => MapAsync(scope, kwargs, star: true, stop)),
        Define(Accumulate, (scope, args, kwargs, stop) => ValueTask.FromResult(Pick(args, kwargs))),
        Define("celery.backend_cleanup", CleanUpAsync),
    ];

    private static TaskDefinition Define(string name, BuiltIn run) =>
        new(name, new TaskOptions { IgnoreResult = name == "celery.backend_cleanup" }, [], new BuiltInInvoker(run));

    /// <summary>Runs another task's code for each item, here and now: <c>[task(item) for item in it]</c>.</summary>
    private static async ValueTask<RawJson> MapAsync(TaskCallScope scope, RawJson kwargs, bool star, CancellationToken stop)
    {
        string name = scope.Context.Name;
        JsonElement call = kwargs.Deserialize<JsonElement>();
        if (!call.TryGetProperty("task", out JsonElement task) || !call.TryGetProperty("it", out JsonElement items) || items.ValueKind != JsonValueKind.Array)
        {
            throw new TaskArgumentException(
                name, null, $"Task '{name}' needs the keywords 'task' (a signature) and 'it' (a list), but {kwargs} came. Send it through the canvas, not by hand.");
        }

        Signature signature = Signature.Decode(RawJson.From(task));
        if (!scope.Registry.TryGet(signature.Task, out TaskDefinition? definition))
        {
            throw new TaskArgumentException(
                name, "task", $"Task '{name}' is to run '{signature.Task}', which this worker does not know. Register it here, or send the call to a queue whose workers do.");
        }

        List<RawJson> results = [];
        foreach (JsonElement item in items.EnumerateArray())
        {
            stop.ThrowIfCancellationRequested();
            RawJson args = star ? RawJson.From(item) : RawJson.From(new[] { item });
            results.Add(await definition.Invoker.InvokeAsync(scope, args, RawJson.EmptyObject, stop));
        }

        return JsonList.Of(results);
    }

    /// <summary><c>args[index]</c>, or all of them.</summary>
    private static RawJson Pick(RawJson args, RawJson kwargs)
    {
        if (kwargs.Deserialize<JsonElement>().TryGetProperty("index", out JsonElement index) && index.TryGetInt32(out int position))
        {
            IReadOnlyList<RawJson> items = JsonList.Split(args);
            return position >= 0 && position < items.Count
                ? items[position]
                : throw new TaskArgumentException(
                    Accumulate, "index", $"Task '{Accumulate}' is to return argument {position}, but {items.Count} came. Send an index within the arguments.");
        }

        return args;
    }

    private static async ValueTask<RawJson> CleanUpAsync(TaskCallScope scope, RawJson args, RawJson kwargs, CancellationToken stop)
    {
        IBackend backend = await scope.Context.Client.GetBackendAsync(stop);
        await backend.Broker.SweepAsync(stop);
        return RawJson.Null;
    }

    private delegate ValueTask<RawJson> BuiltIn(TaskCallScope scope, RawJson args, RawJson kwargs, CancellationToken stop);

    private sealed class BuiltInInvoker(BuiltIn run) : TaskInvoker
    {
        public override ValueTask<RawJson> InvokeAsync(TaskCallScope scope, RawJson args, RawJson kwargs, CancellationToken stop) =>
            run(scope, args, kwargs, stop);
    }
}
