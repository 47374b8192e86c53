using System.Globalization;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary><c>revoke</c>, <c>terminate</c>, <c>revoke_by_stamped_headers</c>, <c>revoked</c>.</summary>
internal sealed class RevokeCommands(ControlledWorker worker)
{
    private static readonly Dictionary<string, int> Signals = new(StringComparer.Ordinal)
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["ABRT"] = 6,
        ["KILL"] = 9,
        ["USR1"] = 10,
        ["USR2"] = 12,
        ["ALRM"] = 14,
        ["TERM"] = 15,
    };

    public void AddTo(ControlCommands commands)
    {
        commands.Add((arguments, stop) => RevokeAsync(arguments, arguments.GetFlag("terminate"), stop), "revoke");
        commands.Add((arguments, stop) => RevokeAsync(arguments, terminate: true, stop), "terminate");
        commands.Add(RevokeStamped, "revoke_by_stamped_headers");
        commands.Add(_ => RawJson.From(worker.Revoker.Revoked.GetIds()), "revoked", "dump_revoked");
    }

    private async ValueTask<RawJson?> RevokeAsync(ControlArguments arguments, bool terminate, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> ids = arguments.RequireTexts("task_id");
        int? signal = terminate ? ReadSignal(arguments) : null;
        IReadOnlyList<string> known = await worker.Revoker.RevokeAsync(ids, signal, cancellationToken);
        if (!terminate)
            return ControlCommands.Ok($"tasks {string.Join(", ", ids)} flagged as revoked");
        return ControlCommands.Ok($"terminate: {(known.Count > 0 ? string.Join(", ", known) : "tasks unknown")}");
    }

    private RawJson? RevokeStamped(ControlArguments arguments)
    {
        JsonElement headers = arguments.Get("headers") ?? throw PythonFault.Missing("revoke_by_stamped_headers", "headers");
        Dictionary<string, IReadOnlyList<string>> stamps = ReadStamps(headers);
        int? signal = arguments.GetFlag("terminate") ? ReadSignal(arguments) : null;
        IReadOnlyDictionary<string, IReadOnlyList<string>> found = worker.Revoker.RevokeStamped(stamps, signal);
        string asked = PythonRepr.Write(RawJson.From(stamps));
        if (signal is null)
            return ControlCommands.Ok($"headers {asked} flagged as revoked, but not terminated");
        return ControlCommands.Ok(found.Count > 0 ? $"headers {PythonRepr.Write(RawJson.From(found))} revoked" : $"headers {asked} were not terminated");
    }

    // An object, or a list of "name=value" as the command line of Celery sends it.
    private static Dictionary<string, IReadOnlyList<string>> ReadStamps(JsonElement headers)
    {
        if (headers.ValueKind == JsonValueKind.Object)
            return headers.EnumerateObject().ToDictionary(stamp => stamp.Name, stamp => TaskStamps.ReadValues(stamp.Value), StringComparer.Ordinal);
        return TaskStamps.ReadValues(headers)
            .Select(text => text.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0], pair => pair[1])
            .ToDictionary(stamp => stamp.Key, IReadOnlyList<string> (stamp) => [.. stamp], StringComparer.Ordinal);
    }

    private static int ReadSignal(ControlArguments arguments)
    {
        string name = arguments.GetText("signal") is { Length: > 0 } given ? given : "SIGTERM";
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number;
        string full = name.ToUpperInvariant();
        full = full.StartsWith("SIG", StringComparison.Ordinal) ? full : "SIG" + full;
        return Signals.TryGetValue(full["SIG".Length..], out int known) ? known : throw PythonFault.Of("AttributeError", $"module 'signal' has no attribute '{full}'");
    }
}
