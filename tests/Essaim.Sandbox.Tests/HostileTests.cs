using System.Net;
using System.Net.Sockets;

namespace Essaim.Sandbox.Tests;

/// <summary>
/// Programs that try to take what is not theirs, each in a file of its own. Contained means: it ended for one of the reasons its file names, it
/// did not come to say ESCAPED, it saw no secret, only what it may leave was collected, and nothing of it stays.
/// </summary>
public class HostileTests(SandboxFixture sandbox)
{
    public static IEnumerable<TheoryDataRow<string>> Scripts() => ScriptFile.Names("Hostile");

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Run_HostileProgram_IsContained(string name)
    {
        ScriptFile script = ScriptFile.Read("Hostile", name);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string socketName = "essaim-test-" + Guid.NewGuid().ToString("N");
        using Socket abstractSocket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        abstractSocket.Bind(new UnixDomainSocketEndPoint("\0" + socketName));
        abstractSocket.Listen();
        RunRequest request = Runs.Request(script.Source, script.FileName) with
        {
            Limits = script.Limits,
            Inputs = Runs.Inputs([.. script.Inputs.Select(input => (input, (object?)(input == "port" ? ((IPEndPoint)listener.LocalEndpoint).Port : socketName)))]),
        };

        Outcome outcome = await Runs.LookAfterAsync(sandbox.Executor, await StartAsync(sandbox.Executor, request), end => LookAtFilesAsync(script, end));

        Assert.Contains(outcome.End.Reason, script.Ends);
        Assert.DoesNotContain("ESCAPED", outcome.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(sandbox.Secret, outcome.Log, StringComparison.Ordinal);
        Assert.True(outcome.Log.Length <= script.Limits.Log + (512 << 10), $"{outcome.Log.Length} characters of its log were kept.");
        if (sandbox.Executor.Groups.HoldsMemory)
            Assert.InRange(outcome.End.Usage.PeakMemory, 1, script.Limits.Memory);
    }

    private protected virtual async Task<ISandboxRun> StartAsync(BubblewrapExecutor executor, RunRequest request) => await executor.StartAsync(request, TestContext.Current.CancellationToken);

    private async Task LookAtFilesAsync(ScriptFile script, RunEnd end)
    {
        string[] names = [.. end.Artifacts.Select(artifact => artifact.Path).Where(path => path != "result.json")];
        if (script.Collected is { Count: > 0 } expected)
            Assert.Equal(expected.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
        Assert.True(end.Artifacts.Sum(artifact => artifact.Size) <= script.Limits.Output);
        Assert.True(end.Artifacts.Count <= script.Limits.OutputFiles);
        foreach (Artifact artifact in end.Artifacts.Take(200))
        {
            string file = Path.Combine(end.CollectedFolder!, artifact.Path);
            Assert.Null(new FileInfo(file).LinkTarget);
            Assert.DoesNotContain(sandbox.Secret, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            Assert.DoesNotContain("root:", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }
    }
}

/// <summary>The same programs, each in a sandbox that had waited for it.</summary>
public sealed class WarmHostileTests(SandboxFixture sandbox) : HostileTests(sandbox)
{
    private protected override Task<ISandboxRun> StartAsync(BubblewrapExecutor executor, RunRequest request) => executor.StartWarmAsync(request);
}
