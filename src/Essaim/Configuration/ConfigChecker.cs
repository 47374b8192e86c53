using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Checks a configuration, wherever it comes from, and reads it. All mistakes are reported; what is read counts only where there are none.</summary>
internal static class ConfigChecker
{
    private static readonly string[] Parts = ["$schema", "revision", "queues", "routes", "base", "environments"];

    /// <summary>Checks what a person wrote.</summary>
    /// <param name="root">The document, its environment laid over it.</param>
    /// <param name="report">Gathers mistakes.</param>
    public static FleetConfiguration CheckSource(ConfigNode root, ConfigReport report)
    {
        if (root.Kind != ConfigNodeKind.Map)
        {
            report.Add(root, "", $"{char.ToUpperInvariant(root.Shown[0])}{root.Shown[1..]} is no configuration.", "Write queues:, routes: and base: with their fields.");
            return FleetConfiguration.BuiltIn;
        }

        report.FindDoubles(root, "", "part");
        foreach ((ConfigNode name, _) in root.Entries.Where(entry => !Parts.Contains(entry.Name.Text)))
            report.AddUnknown(name, name.Text, "part of a configuration", Parts);
        return Check(Map(root, "queues", report), Map(root, "routes", report), Map(root, "base", report), ReadRevision(root, report), report);
    }

    /// <summary>Checks what was published.</summary>
    public static FleetConfiguration CheckPublished(ConfigDocument document, ConfigReport report) =>
        Check(Nodes(document.Queues, "queues", report), Nodes(document.Routes, "routes", report), Nodes(document.Base, "base", report), document.Revision, report);

    private static FleetConfiguration Check(ConfigNode queueNodes, ConfigNode routeNodes, ConfigNode baseNodes, long revision, ConfigReport report)
    {
        Dictionary<string, RawJson> queueJson = new(StringComparer.Ordinal), routeJson = new(StringComparer.Ordinal), baseJson = new(StringComparer.Ordinal);
        List<QueueDefinition> queues = [];
        report.FindDoubles(queueNodes, "queues", "queue");
        foreach ((ConfigNode name, ConfigNode value) in queueNodes.Entries)
        {
            if (CheckQueue(name, value, report) is not var (definition, values))
                continue;
            if (queueJson.TryAdd(definition.Name, Write(json => QueueFields.All.Write(json, values))))
                queues.Add(definition);
        }

        Dictionary<string, object> settings = new(StringComparer.Ordinal);
        report.FindDoubles(baseNodes, "base", "setting");
        foreach ((ConfigNode name, ConfigNode value) in baseNodes.Entries)
        {
            if (BaseFields.Read(name, value, ConfigReport.Join("base", name.Text), report) is not var (type, read))
                continue;
            settings[name.Text] = read;
            baseJson[name.Text] = WriteValue(json => type.Write(json, read));
        }

        BaseSettings known = BaseSettings.From(settings);
        RequireOrder(baseNodes, "base", known.SoftTimeLimit, known.HardTimeLimit, "task_soft_time_limit", "task_time_limit", report);
        Dictionary<string, string> routes = CheckRoutes(routeNodes, [.. queueNodes.Entries.Select(entry => entry.Name.Text)], known.DefaultQueue, report);
        foreach ((string pattern, string queue) in routes)
            routeJson[pattern] = Write(json => json.WriteString("queue"u8, queue));
        ConfigDocument document = new(queueJson, routeJson, baseJson, "") { Revision = revision };
        return new FleetConfiguration(document, [.. queues.OrderBy(queue => queue.Name, StringComparer.Ordinal)], RouteOrder.Apply(routes), known, ReadPlacement(document, baseNodes, report));
    }

    private static (QueueDefinition Definition, IReadOnlyDictionary<string, object> Values)? CheckQueue(ConfigNode name, ConfigNode value, ConfigReport report)
    {
        string path = ConfigReport.Join("queues", name.Text);
        if (QueueFields.MistakeOf(name.Text) is { } mistake)
        {
            report.Add(name, path, $"The queue's name '{name.Text}' {mistake}", "Choose another.");
            return null;
        }

        Dictionary<string, object> values = new(QueueFields.All.Read(value, path, report), StringComparer.Ordinal);
        if (values.TryGetValue("name", out object? inner) && (string)inner != name.Text)
            report.Add(value.Find("name") ?? value, $"{path}.name", $"The queue is '{name.Text}' outside and '{inner}' inside.", "Leave the inner name out.");
        values["name"] = name.Text;
        values.TryAdd("routing_key", name.Text);
        QueueDefinition queue = QueueFields.Define(name.Text, values);
        RequireOrder(value, path, queue.SoftTimeLimit, queue.HardTimeLimit, "soft_time_limit", "time_limit", report);
        foreach (string needsRate in (string[])["rate_burst", "rate_key"])
        {
            if (values.ContainsKey(needsRate) && !values.ContainsKey("rate"))
                report.Add(value.Find(needsRate) ?? value, $"{path}.{needsRate}", $"'{needsRate}' without a rate does nothing.", "Write a rate, such as rate: 100/m, or leave it out.");
        }

        if (queue is { Fifo: true, Concurrency: > 1 })
            report.Add(value.Find("concurrency") ?? value, $"{path}.concurrency", "A fifo queue runs one task at a time.", "Leave concurrency out, or fifo.");
        return (queue, values);
    }

    private static Dictionary<string, string> CheckRoutes(ConfigNode nodes, HashSet<string> queues, string? defaultQueue, ConfigReport report)
    {
        Dictionary<string, string> routes = new(StringComparer.Ordinal);
        report.FindDoubles(nodes, "routes", "route");
        foreach ((ConfigNode name, ConfigNode value) in nodes.Entries)
        {
            string path = ConfigReport.Join("routes", name.Text);
            ConfigNode? target = value.Kind == ConfigNodeKind.Map ? value.Find("queue") : value;
            foreach ((ConfigNode field, _) in value.Entries.Where(entry => entry.Name.Text != "queue" && !report.AllowUnknown))
                report.AddUnknown(field, $"{path}.{field.Text}", "field of a route", ["queue"]);
            if (target is not { Kind: ConfigNodeKind.Text or ConfigNodeKind.Number, Text.Length: > 0 } || name.Text.Length == 0)
                report.Add(value, path, "The route names no queue.", "Write a queue's name, such as scan.*: scan.");
            else if (queues.Count > 0 && !queues.Contains(target.Text) && target.Text != (defaultQueue ?? "celery"))
                report.Add(target, path, $"There is no queue '{target.Text}'.", Suggestion.For(target.Text, queues) is { } near ? $"Did you mean '{near}'?" : $"Define it under queues:; there are {string.Join(", ", queues)}.");
            else
                routes[name.Text] = target.Text;
        }

        return routes;
    }

    private static void RequireOrder(ConfigNode node, string path, TimeSpan? soft, TimeSpan? hard, string softName, string hardName, ConfigReport report)
    {
        if (soft >= hard)
            report.Add(node.Find(softName) ?? node, $"{path}.{softName}", $"The soft limit {DurationText.Show(soft.Value)} is not below the hard limit {DurationText.Show(hard!.Value)}.", $"Make {softName} shorter than {hardName}.");
    }

    private static Placement ReadPlacement(ConfigDocument document, ConfigNode baseNodes, ConfigReport report)
    {
        try
        {
            return Placement.Read(document);
        }
        catch (FormatException wrong)
        {
            report.Add(baseNodes.Find(Placement.Setting) ?? baseNodes, $"base.{Placement.Setting}", wrong.Message, "See essaim placement --help.");
            return Placement.Everyone;
        }
    }

    private static long ReadRevision(ConfigNode root, ConfigReport report)
    {
        if (root.Find("revision") is not { } node)
            return 0;
        return new WholeType(0, int.MaxValue).Read(node, "revision", report) is int revision ? revision : 0;
    }

    private static ConfigNode Map(ConfigNode root, string name, ConfigReport report)
    {
        if (root.Find(name) is not { Kind: not ConfigNodeKind.Null } node)
            return new ConfigNode(ConfigNodeKind.Map, "");
        if (node.Kind == ConfigNodeKind.Map)
            return node;
        report.Add(node, name, $"{char.ToUpperInvariant(node.Shown[0])}{node.Shown[1..]} is no mapping.", $"Write {name}: with one line for each.");
        return new ConfigNode(ConfigNodeKind.Map, "");
    }

    private static ConfigNode Nodes(IReadOnlyDictionary<string, RawJson> part, string path, ConfigReport report)
    {
        List<(ConfigNode, ConfigNode)> entries = new(part.Count);
        foreach ((string name, RawJson json) in part)
        {
            if (JsonNodes.Parse(json.Utf8.Span, report, ConfigReport.Join(path, name)) is { } node)
                entries.Add((new ConfigNode(ConfigNodeKind.Text, name), node));
        }

        return new ConfigNode(ConfigNodeKind.Map, "") { Entries = entries };
    }

    private static RawJson Write(Action<Utf8JsonWriter> fields) => WriteValue(json =>
    {
        json.WriteStartObject();
        fields(json);
        json.WriteEndObject();
    });

    private static RawJson WriteValue(Action<Utf8JsonWriter> value)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
            value(json);
        return new RawJson(stream.ToArray());
    }
}
