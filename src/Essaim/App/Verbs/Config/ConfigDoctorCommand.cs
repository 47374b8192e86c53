using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary><c>config doctor</c>: whether all of a fleet run what is published, and whether that makes sense.</summary>
internal sealed class ConfigDoctorCommand : AppCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public ConfigDoctorCommand()
        : base("doctor", "Checks what is published, this folder's file, and what each worker runs, and says what to do.") => Examples = ["config doctor", "config doctor --format json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        List<DoctorFinding> findings = [];
        ConfigSnapshot? published = await backend.Configuration.ReadAsync(cancellationToken);
        FleetConfiguration? read = null;
        if (published is null)
            findings.Add(new DoctorFinding("published", DoctorStatus.Warn, "nothing is published", $"{context.Definition.Name} config publish FILE, or start a worker beside the file"));
        else
            findings.Add(Check("published", () => ConfigVerbs.Describe(published) + $", {(read = FleetConfiguration.Read(published)).Queues.Count} queues"));
        findings.Add(Check("file", () => CompareSource(context, published)));
        Task<IReadOnlyList<ControlReply>> stats = backend.Control.CallAsync(new ControlRequest("stats", RawJson.EmptyObject), Patience, cancellationToken).AsTask();
        IReadOnlyList<ControlReply> queues = await backend.Control.CallAsync(new ControlRequest("active_queues", RawJson.EmptyObject), Patience, cancellationToken);
        findings.AddRange((await stats).OrderBy(reply => reply.Node, StringComparer.Ordinal).Select(reply => CheckWorker(reply, published?.Version)));
        if (read is not null)
            findings.AddRange(CheckServed(read, queues));
        DoctorTable.Write(context.Output, findings);
        return findings.Any(finding => finding.Status == DoctorStatus.Fail) ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private static string CompareSource(CommandContext context, ConfigSnapshot? published)
    {
        if (FleetStart.FindSource(context.Definition, null, null) is not { } source)
            return "none in this folder";
        if (published is null)
            return $"{source.Origin} is right, and not published";
        return ConfigPublisher.Judge(ConfigPublisher.Fill(source, published.Document), published.Document) switch
        {
            SourceStanding.Behind => throw new ConfigException("ESS1304", $"{source.Origin} has revision {source.Document.Revision}, and {published.Document.Revision} is published. Update it."),
            SourceStanding.Conflict => throw new ConfigException("ESS1304", $"{source.Origin} has revision {source.Document.Revision}, as what is published, but other content. See 'config diff', and raise the revision of the right one."),
            _ when source.Document.Revision > published.Document.Revision => $"{source.Origin} is right, and newer than what is published",
            _ => $"{source.Origin} is what is published",
        };
    }

    private static DoctorFinding Check(string name, Func<string> look)
    {
        try
        {
            return new DoctorFinding(name, DoctorStatus.Ok, look());
        }
        catch (ConfigException wrong)
        {
            return new DoctorFinding(name, wrong.Code == "ESS1304" ? DoctorStatus.Warn : DoctorStatus.Fail, wrong.Code, wrong.Message.ReplaceLineEndings(" "));
        }
    }

    private static DoctorFinding CheckWorker(ControlReply reply, string? published)
    {
        string name = $"worker {reply.Node}";
        if (JsonCell.Get(reply.Value.Deserialize<JsonElement>(), "config") is not { ValueKind: JsonValueKind.Object } config)
            return new DoctorFinding(name, DoctorStatus.Ok, "does not say what it runs: not one of Essaim's");
        (string version, string source) = (JsonCell.Of(JsonCell.Get(config, "version")), JsonCell.Of(JsonCell.Get(config, "source")));
        if (published is not null && version != published)
            return new DoctorFinding(name, DoctorStatus.Fail, $"runs {(version.Length > 0 ? version : "the built-in defaults")}", "See its log for [CELERY_API]: it cannot read what is published, or refuses it");
        return source is "behind" or "conflict"
            ? new DoctorFinding(name, DoctorStatus.Warn, $"runs what is published; its own source is {(source == "behind" ? "older" : "of the same revision, but different")}", "Update its file, or raise the revision of the right one")
            : new DoctorFinding(name, DoctorStatus.Ok, published is null ? "runs its own definitions" : "runs what is published");
    }

    private static IEnumerable<DoctorFinding> CheckServed(FleetConfiguration read, IReadOnlyList<ControlReply> replies)
    {
        HashSet<string> served = new(StringComparer.Ordinal);
        foreach (JsonElement list in replies.Select(reply => reply.Value.Deserialize<JsonElement>()).Where(list => list.ValueKind == JsonValueKind.Array))
            served.UnionWith(list.EnumerateArray().Select(queue => JsonCell.Of(JsonCell.Get(queue, "name"))));
        string[] alone = [.. read.Queues.Select(queue => queue.Name).Where(name => !served.Contains(name))];
        if (alone.Length > 0)
            yield return new DoctorFinding("queues", DoctorStatus.Warn, $"no worker that answers serves {string.Join(", ", alone)}", "Start one that does");
        else if (read.Queues.Count > 0)
            yield return new DoctorFinding("queues", DoctorStatus.Ok, "each is served");
    }
}
