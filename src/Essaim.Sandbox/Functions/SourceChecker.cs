using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>What is known of a source before it is kept.</summary>
/// <param name="Refused">Why it cannot be a function: syntax, encoding, signature. Empty where it can.</param>
/// <param name="Inputs">Its inputs as JSON Schema; null where it is refused.</param>
/// <param name="Imports">What its main file imports.</param>
/// <param name="Scan">What was found to be unsafe.</param>
internal sealed record SourceReport(IReadOnlyList<Finding> Refused, JsonElement? Inputs, IReadOnlyList<ImportedPackage> Imports, SourceScan Scan);

/// <summary>What Bandit says of a source.</summary>
/// <param name="With">Name and version of what looked; null where nothing did.</param>
/// <param name="Reason">Why nothing did.</param>
/// <param name="Findings">What was found, the gravest first.</param>
internal sealed record SourceScan(string? With, string? Reason, IReadOnlyList<ScanFinding> Findings);

/// <summary>Something Bandit found.</summary>
/// <param name="Rule">Such as <c>B602</c>.</param>
/// <param name="Severity"><c>low</c>, <c>medium</c> or <c>high</c>.</param>
/// <param name="Confidence">How sure it is, in the same words.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="File">The file of an archive.</param>
/// <param name="Message">What about it.</param>
internal sealed record ScanFinding(string Rule, string Severity, string Confidence, int? Line, string? File, string Message);

/// <summary>
/// Looks at a source in the sandbox: whether it can be read, what its inputs are, what it imports, what Bandit says. Nothing of it runs, and all
/// of it is advice: a program can import and do what it likes, the sandbox is the wall. Safe on all threads; two are looked at at once.
/// </summary>
internal sealed class SourceChecker(SandboxOptions options, TimeProvider time)
{
    private static readonly RunLimits Limits = new()
    {
        Time = TimeSpan.FromSeconds(10),
        Grace = TimeSpan.Zero,
        Memory = 256 << 20,
        Processes = 16,
        Output = 4 << 20,
        OutputFiles = 16,
        Log = 64 << 10,
    };

    private static readonly SemaphoreSlim Places = new(2);
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Looks.</summary>
    /// <exception cref="SandboxException"><c>ESS6001</c> the sandbox does not work on this machine; <c>ESS6003</c> the source is too large.</exception>
    public async Task<SourceReport> CheckAsync(string fileName, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        RunRequest look = new(fileName, source) { LookOnly = true, Checks = false, Limits = Limits };
        look.Validate();
        await Places.WaitAsync(cancellationToken);
        try
        {
            BubblewrapExecutor executor = BubblewrapExecutor.Open(options, time);
            ExecutorProof proof = await executor.ProveAsync(cancellationToken);
            if (!proof.Holds)
                throw new SandboxException("ESS6001", string.Join(' ', proof.Missing));
            Task<RunEnd> looking = RunAsync(executor, look, cancellationToken);
            Task<SourceScan> scanning = ScanAsync(executor, look, cancellationToken);
            await Task.WhenAll(looking, scanning);
            return Judge(await looking, await scanning, look);
        }
        finally
        {
            Places.Release();
        }
    }

    private static SourceReport Judge(RunEnd end, SourceScan scan, RunRequest look)
    {
        if (end.Reason is EndReason.Sandbox or EndReason.Lost)
            throw new SandboxException("ESS6001", end.Message);
        if (end.Refused.Count > 0)
            return new SourceReport(end.Refused, null, [], scan);
        return end is { Reason: EndReason.Ok, Result: { } inputs } && IsPlain(inputs)
            ? new SourceReport([], inputs, end.Imports, scan)
            : new SourceReport([new Finding("syntax", $"{look.SourceName} cannot be looked at: {(end.Reason == EndReason.Ok ? "its inputs cannot be written as JSON." : end.Message)}")], null, [], scan);
    }

    /// <summary>False for texts that are half characters: Python has them, nobody else.</summary>
    private static bool IsPlain(JsonElement schema)
    {
        try
        {
            _ = JsonSerializer.SerializeToUtf8Bytes(schema);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<SourceScan> ScanAsync(BubblewrapExecutor executor, RunRequest look, CancellationToken cancellationToken)
    {
        string name = look.IsArchive ? "source.zip" : "source.py";
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, look.Source, cancellationToken);
            RunRequest scan = new("scan.py", Script())
            {
                Files = [new InputFile(name, file)],
                Inputs = new Dictionary<string, JsonElement> { ["name"] = JsonSerializer.SerializeToElement(name) },
                Limits = Limits,
            };
            return Read(await RunAsync(executor, scan, cancellationToken));
        }
        finally
        {
            File.Delete(file);
        }
    }

    internal static SourceScan Read(RunEnd end)
    {
        if (end.Reason != EndReason.Ok)
            return new SourceScan(null, $"Bandit did not come to its end: {end.Message}", []);
        if (end.Result is not { ValueKind: JsonValueKind.Object } result)
            return new SourceScan(null, "Bandit is not installed on the core's machine. On Debian: apt-get install python3-bandit.", []);
        return new SourceScan(result.GetProperty("with").GetString(), null, result.GetProperty("findings").Deserialize<ScanFinding[]>(Json)!);
    }

    private static async Task<RunEnd> RunAsync(BubblewrapExecutor executor, RunRequest request, CancellationToken cancellationToken)
    {
        ISandboxRun run = await executor.StartAsync(request, cancellationToken);
        try
        {
            return await run.WaitAsync(cancellationToken);
        }
        finally
        {
            await run.RemoveAsync(CancellationToken.None);
        }
    }

    private static byte[] Script()
    {
        using Stream stream = typeof(SourceChecker).Assembly.GetManifestResourceStream("scan.py")!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
