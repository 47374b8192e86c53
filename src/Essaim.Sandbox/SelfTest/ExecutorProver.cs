using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>
/// Has programs of ours try the walls and the limits of a sandbox of this machine. What holds is remembered until the machine, what makes the
/// sandbox, or Essaim changes.
/// </summary>
internal sealed class ExecutorProver(IHeldExecutor executor, ProverSubject subject)
{
    // A container's runtime needs some itself.
    private const int Processes = 32;

    // Where memory is added up, what its many processes share counts for each.
    private const long ProbeMemory = 512 << 20;

    // Four times its limit, and time for what adds memory up to see it: a machine without the wall is not brought down.
    private const string Memory = """
        import time
        def main():
            kept = [bytearray(8 << 20) for _ in range(64)]
            time.sleep(5)
            return len(kept)
        """;

    private const string Undying = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(60)
        """;

    private const string Writing = """
        def main():
            # Two files: one alone is held by a limit of its own.
            written = 0
            try:
                for name in ("a", "b"):
                    with open(name, "wb", buffering=0) as file:
                        for _ in range(80):
                            written += file.write(bytes(64 << 10))
            except OSError as error:
                return [error.errno, written]
            return [0, written]
        """;

    private static readonly RunLimits Limits = new()
    {
        Memory = 128 << 20,
        Processes = Processes,
        Scratch = 1 << 20,
        Output = 8 << 20,
        // Slow machines are slow: all of it takes a second on most.
        Time = TimeSpan.FromMinutes(2),
        Grace = TimeSpan.Zero,
    };

    private string File => Path.Combine(executor.Options.Folder, subject.File);

    public async ValueTask<ExecutorProof> ProveAsync(CancellationToken cancellationToken)
    {
        string machine = Fingerprint();
        if (Remembered(machine) is { } known)
            return known;
        Task<RunEnd> walls = TryWallsAsync(cancellationToken);
        Task<RunEnd> memory = RunAsync("memory.py", Memory, Limits, [], cancellationToken);
        Task<RunEnd> undying = RunAsync("undying.py", Undying, Limits with { Time = TimeSpan.FromMilliseconds(700), Grace = TimeSpan.FromMilliseconds(200) }, [], cancellationToken);
        Task<RunEnd>? disk = subject.HardDisk ? RunAsync("disk.py", Writing, Limits, [], cancellationToken) : null;
        await Task.WhenAll(walls, memory, undying, disk ?? Task.CompletedTask);
        ExecutorProof proof = Judge(await walls, await memory, await undying, disk is null ? null : await disk);
        if (proof.Holds)
            Remember(machine, proof);
        return proof;
    }

    private ExecutorProof Judge(RunEnd walls, RunEnd memory, RunEnd undying, RunEnd? disk)
    {
        List<string> missing = [];
        if (walls.Reason == EndReason.Sandbox)
            missing.Add(subject.Explain(walls.Message));
        else if (walls.Result is not { ValueKind: JsonValueKind.Object } result)
            missing.Add($"The self-test did not come to its end: {walls.Message}");
        else
            missing.AddRange(result.EnumerateObject().Where(wall => wall.Value.ValueKind != JsonValueKind.True).Select(wall => $"The wall '{wall.Name}' does not hold. Do not run others' code on this machine."));
        if (missing.Count == 0 && memory.Reason is not EndReason.Oom && !(memory.Reason == EndReason.Error && memory.Error?.Type == "MemoryError"))
            missing.Add($"The memory limit does not hold: {(memory.Reason == EndReason.Ok ? $"a program with 128 MiB took 512. {subject.MemoryAdvice}".TrimEnd() : memory.Message)}");
        if (missing.Count == 0 && undying.Reason != EndReason.Timeout)
            missing.Add($"The time limit does not hold: {undying.Message}");
        // ENOSPC, within 5 % of the limit.
        if (missing.Count == 0 && disk is not null && !(disk.Result?.ToString() is { } told && told.StartsWith("[28,", StringComparison.Ordinal) && disk.Usage.OutputBytes >= Limits.Output * 95 / 100))
            missing.Add($"The disk limit does not hold: {disk.Message} {disk.Result}");
        return new ExecutorProof(executor.Name, missing.Count == 0, missing, subject.Soft) { Advice = subject.Advice };
    }

    private async Task<RunEnd> TryWallsAsync(CancellationToken cancellationToken)
    {
        string planted = Path.Combine(executor.Options.Folder, "planted");
        System.IO.File.WriteAllText(planted, "not for runs");
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using StreamReader probe = new(typeof(ExecutorProver).Assembly.GetManifestResourceStream("probe.py")!);
        Dictionary<string, object> inputs = new() { ["planted"] = planted, ["port"] = ((IPEndPoint)listener.LocalEndpoint).Port, ["processes"] = Processes, ["settings"] = subject.Settings };
        return await RunAsync("probe.py", await probe.ReadToEndAsync(cancellationToken), Limits with { Memory = ProbeMemory }, inputs, cancellationToken);
    }

    private async Task<RunEnd> RunAsync(string name, string source, RunLimits limits, Dictionary<string, object> inputs, CancellationToken cancellationToken)
    {
        RunRequest request = new(name, Encoding.UTF8.GetBytes(source))
        {
            Limits = limits,
            Inputs = inputs.ToDictionary(input => input.Key, input => JsonSerializer.SerializeToElement(input.Value)),
        };
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

    /// <summary>What the proof depends on.</summary>
    private string Fingerprint() => string.Join('|', [
        GroupFile.Read("/proc/sys/kernel/random/boot_id").Trim(),
        GroupFile.Read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").Trim(),
        string.Join(' ', subject.DependsOn),
        new FileInfo(subject.Program) is { Exists: true } program ? $"{program.Length} {program.LastWriteTimeUtc:O}" : "",
        executor.Kit.Folder,
        Environment.UserName,
        executor.Groups.Second.ToString(),
        string.Join(',', executor.Groups.Parents.Select(parent => $"{parent.Key}={parent.Value}")),
    ]);

    private ExecutorProof? Remembered(string machine)
    {
        try
        {
            Memo? memo = JsonSerializer.Deserialize<Memo>(System.IO.File.ReadAllBytes(File));
            return memo?.Machine == machine ? memo.Proof : null;
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private void Remember(string machine, ExecutorProof proof)
    {
        string building = $"{File}.{Environment.ProcessId}";
        System.IO.File.WriteAllBytes(building, JsonSerializer.SerializeToUtf8Bytes(new Memo(machine, proof)));
        System.IO.File.Move(building, File, overwrite: true);
    }

    private sealed record Memo(string Machine, ExecutorProof Proof);
}

/// <summary>What is to be proven.</summary>
/// <param name="File">Where what holds is remembered, below the sandbox's folder.</param>
internal sealed record ProverSubject(string File)
{
    /// <summary>Limits that are known to be soft.</summary>
    public IReadOnlyList<string> Soft { get; init; } = [];

    /// <summary>Output folders are disks of their own.</summary>
    public bool HardDisk { get; init; }

    /// <summary>What would make them hard.</summary>
    public string? Advice { get; init; }

    /// <summary>What to do where memory is not held.</summary>
    public string MemoryAdvice { get; init; } = "";

    /// <summary>Says what to do about what the sandbox's maker says.</summary>
    public Func<string, string> Explain { get; init; } = message => message;

    /// <summary>The program that makes the sandbox.</summary>
    public string Program { get; init; } = "";

    /// <summary>What else the proof depends on.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Environment variables a run may have beside the usual ones.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
