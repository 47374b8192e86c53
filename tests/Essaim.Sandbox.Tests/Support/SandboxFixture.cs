using System.Text;
using Essaim.Sandbox.Tests;

[assembly: AssemblyFixture(typeof(SandboxFixture))]

namespace Essaim.Sandbox.Tests;

/// <summary>
/// One sandbox folder for all tests, proven, with secrets around it: in this process's environment, in root's home, and in a neighbour's run
/// that goes on all the time. Tests that need bubblewrap are skipped where it is missing, but not in CI.
/// </summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-sandbox-tests-").FullName;
    private readonly List<string> _planted = [];
    private BubblewrapExecutor? _executor;
    private ISandboxRun? _neighbour;
    private string? _missing;

    /// <summary>What no run may ever see.</summary>
    public string Secret { get; } = "secret-" + Guid.NewGuid().ToString("N");

    internal BubblewrapExecutor Executor
    {
        get
        {
            // A sandbox that cannot be made is missing; one whose walls do not hold is a fault.
            bool excused = _missing?.Contains("not hold", StringComparison.Ordinal) != true && Environment.GetEnvironmentVariable("CI") != "true";
            Assert.SkipWhen(_missing is not null && excused, _missing ?? "");
            Assert.True(_missing is null, _missing);
            return _executor!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        // Runs have users of their own, who must be able to pass through.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_001_001);
        Environment.SetEnvironmentVariable("ESSAIM_TEST_SECRET", Secret);
        foreach (string place in new[] { Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Path.GetTempPath(), _folder })
            Plant(Path.Combine(place, $".essaim-planted-{Guid.NewGuid():N}"));
        try
        {
            _executor = BubblewrapExecutor.Open(new SandboxOptions { Folder = Path.Combine(_folder, "sandbox") }, TimeProvider.System);
            ExecutorProof proof = await _executor.ProveAsync(CancellationToken.None);
            _missing = proof.Holds ? null : string.Join(' ', proof.Missing);
        }
        catch (SandboxException absent)
        {
            _missing = absent.Message;
        }

        if (_missing is null)
            _neighbour = await StartNeighbourAsync(_executor!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_neighbour is not null)
            await _neighbour.RemoveAsync(CancellationToken.None);
        // What a failed test left.
        foreach (string id in _executor?.Groups.Ids().ToList() ?? [])
            await (_executor!.Find(id)?.RemoveAsync(CancellationToken.None) ?? ValueTask.CompletedTask);
        foreach (string file in _planted)
            File.Delete(file);
        Directory.Delete(_folder, recursive: true);
    }

    private void Plant(string file)
    {
        File.WriteAllText(file, Secret);
        _planted.Add(file);
    }

    /// <summary>A run that has the secret everywhere, and goes on.</summary>
    internal async Task<ISandboxRun> StartNeighbourAsync(IHeldExecutor executor)
    {
        string source = $"""
            import os, time
            os.environ["SECRET"] = "{Secret}"
            for place in ("/out/secret", "/tmp/secret", "/dev/shm/secret"):
                with open(place, "w") as file:
                    file.write("{Secret}")
            print("{Secret}")
            time.sleep(3600)
            """;
        ISandboxRun run = await executor.StartAsync(
            new RunRequest("neighbour.py", Encoding.UTF8.GetBytes(source)) { Texts = new Dictionary<string, string> { ["secret"] = Secret } }, CancellationToken.None);
        await foreach (RunOutput output in run.WatchAsync(0, CancellationToken.None))
        {
            if (output is RunText)
                break;
        }

        return run;
    }
}
