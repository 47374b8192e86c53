using System.Text.Json;
using Essaim.Sandbox;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>Takes functions that are pushed: looked at in the sandbox, kept, and told to the fleet.</summary>
internal sealed class FunctionPublisher(IMetadataStore store, FunctionKeeper keeper, SourceChecker checker, FunctionOptions options, TimeProvider time)
{
    // What these run is what the core's own machine has; others' packages are in their images.
    private static readonly string[] OwnEnvironments = ["python", "python-sci"];

    /// <summary>Pushes.</summary>
    /// <exception cref="ProblemException"><c>ESS6024</c> it cannot be looked at here; <c>ESS6025</c> it is refused.</exception>
    public async Task<FunctionAddition> PushAsync(FunctionUpload upload, string author, CancellationToken cancellationToken)
    {
        string hash = FunctionIdentity.Hash(upload.Source);
        string id = FunctionIdentity.Of(hash, upload.Entry, upload.Environment, upload.Limits);
        SourceReport report = await LookAsync(upload, cancellationToken);
        IReadOnlyList<FunctionFinding> findings = ImportPolicy.Of(options).Judge(report, OwnEnvironments.Contains(upload.Environment));
        if (findings.Where(finding => finding.Refused).ToList() is { Count: > 0 } refused)
            throw Refused(upload, [.. refused.Select(finding => (finding.File, finding.Line, finding.Column, finding.ToSentence()))]);
        FunctionVersion version = new()
        {
            Name = upload.Name,
            Id = id,
            SourceHash = hash,
            Size = upload.Source.Length,
            Entry = upload.Entry,
            Environment = upload.Environment,
            Limits = FunctionIdentity.Write(upload.Limits).ToString(),
            Inputs = report.Inputs!.Value.GetRawText(),
            Description = report.Inputs.Value.TryGetProperty("description", out JsonElement text) ? text.GetString() : null,
            Findings = JsonSerializer.Serialize(findings, ApiJson.Options),
            Scan = JsonSerializer.Serialize(FunctionScan.Of(report.Scan), ApiJson.Options),
            Author = author,
            CreatedAt = time.GetUtcNow(),
        };
        FunctionAddition addition = await store.Functions.AddAsync(version, upload.Source, cancellationToken);
        // It is kept: whoever waits for the answer, the fleet is to know it. Where the broker is away, the keeper tells it later.
        await keeper.TryPublishAsync(upload.Name, CancellationToken.None);
        return addition;
    }

    private async Task<SourceReport> LookAsync(FunctionUpload upload, CancellationToken cancellationToken)
    {
        SourceReport report;
        try
        {
            report = await checker.CheckAsync(upload.Entry, upload.Source, cancellationToken);
        }
        catch (SandboxException unable) when (unable.Code == "ESS6001")
        {
            throw new ProblemException(Problem.Of(
                503, "ESS6024", "Cannot be looked at", $"A function is looked at in the sandbox of the core's machine before it is kept, and there is none: {unable.Message}"));
        }
        catch (SandboxException wrong)
        {
            throw Refused(upload, [(null, null, null, wrong.Message)]);
        }

        return report.Refused.Count == 0 ? report : throw Refused(upload, [.. report.Refused.Select(finding => ((string?)null, finding.Line, finding.Column, finding.Message))]);
    }

    private static ProblemException Refused(FunctionUpload upload, IReadOnlyList<(string? File, int? Line, int? Column, string Message)> findings) => new(Problem.Of(
        422,
        "ESS6025",
        "Not a function",
        $"{upload.Entry} was not kept: {(findings.Count == 1 ? "something is" : $"{findings.Count} things are")} wrong with it.",
        [
            .. findings.Select(one => new Mistake(
                string.Join(':', new object?[] { one.File ?? (upload.Entry.EndsWith(".zip", StringComparison.Ordinal) ? "main.py" : upload.Entry), one.Line, one.Line is null ? null : one.Column }.Where(part => part is not null)),
                one.Message) { Line = one.Line, Column = one.Line is null ? null : one.Column }),
        ]));
}
