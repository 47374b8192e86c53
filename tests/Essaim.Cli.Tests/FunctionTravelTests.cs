using System.Text.Json;

namespace Essaim.Cli.Tests;

/// <summary>Files, artifacts and logs of functions between machines: everything through the broker, nothing twice.</summary>
public sealed class FunctionTravelTests : IAsyncLifetime
{
    private const string Mesh = """
        import essaim, os, sys


        def main(mesh: str):
            with open(f"/in/{mesh}", "rb") as file:
                data = file.read()
            print("nodes", len(data))
            print("careful", file=sys.stderr)
            essaim.log("not so well", level="warning")
            os.makedirs("plots")
            with open("plots/mesh.bin", "wb") as file:
                file.write(data[::-1])
            essaim.artifact("plots/mesh.bin", title="Mesh")
            os.symlink("/etc/passwd", "link")
            return len(data)
        """;

    private readonly TemporaryFolder _folder = new();
    private RedisServer? _redis;
    private string _broker = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
            await _redis.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_WithFiles_TheyGoThereAndWhatItLeavesComesBack(bool redis)
    {
        RunTests.SkipWithoutSandbox();
        await UseAsync(redis);
        await using CliRun worker = await StartWorkerAsync();
        byte[] mesh = new byte[700_000];
        new Random(1).NextBytes(mesh);
        await File.WriteAllBytesAsync(_folder["mesh.inp"], mesh, Stop);
        await File.WriteAllTextAsync(_folder["mesh.py"], Mesh, Stop);

        CliResult run = await CliRun.RunAsync(_folder.Path, "run", "mesh.py", "--mesh", "mesh.inp", "--file", "mesh.inp", "--out", "results", "--broker", _broker);

        Assert.Equal((ExitCodes.Ok, "nodes 700000\n700000\n"), (run.ExitCode, run.Output));
        Assert.Equal(
            ["careful", "essaim: 2 files in results", "essaim: not collected: link: it is a link", "warning: not so well"],
            run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains('%', StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(mesh.Reverse(), await File.ReadAllBytesAsync(_folder["results/plots/mesh.bin"], Stop));
        Assert.Equal("700000", (await File.ReadAllTextAsync(_folder["results/result.json"], Stop)).Trim());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_WhoseWorkerIsKilled_GivesFilesLogAndArtifactsOnce(bool redis)
    {
        RunTests.SkipWithoutSandbox();
        await UseAsync(redis);
        await File.WriteAllTextAsync(_folder["mesh.inp"], "1 2 3", Stop);
        await File.WriteAllTextAsync(
            _folder["test.py"],
            """
            import essaim, secrets, sys, time


            def main(mesh: str):
                token = secrets.token_hex(8)
                for step in range(100):
                    print(f"step {step} {token}", flush=True)
                    if step % 40 == 10:
                        essaim.log(f"at {step}")
                    if step == 10:
                        print("ready", file=sys.stderr, flush=True)
                    time.sleep(0.1)
                with open("out.txt", "w") as file:
                    file.write(open(f"/in/{mesh}").read() + " " + token)
                return token
            """,
            Stop);
        await using CliRun first = await StartWorkerAsync();
        await using CliRun run = CliRun.Start(_folder.Path, "run", "test.py", "--mesh", "mesh.inp", "--file", "mesh.inp", "--out", "results", "--broker", _broker);
        await run.WaitForErrorsAsync("ready");

        await first.SignalAsync("KILL");
        await first.EndAsync();
        await using CliRun second = await StartWorkerAsync();
        CliResult end = await run.EndAsync();

        string[] lines = end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string token = lines[^1];
        Assert.True((end.ExitCode, lines.Length) == (ExitCodes.Ok, 101), $"{end.ExitCode}, {lines.Length} lines\n{end.Errors}\n{first.Errors}\n{second.Errors}");
        Assert.Equal(Enumerable.Range(0, 100).Select(step => $"step {step} {token}"), lines[..^1]);
        Assert.Equal(["info: at 10", "info: at 50", "info: at 90"], end.Errors.Split('\n').Where(line => line.StartsWith("info: ", StringComparison.Ordinal)));
        Assert.Equal($"1 2 3 {token}", await File.ReadAllTextAsync(_folder["results/out.txt"], Stop));
    }

    [Fact]
    public async Task Logs_AfterTheRun_FromEveryPlaceAndAsJson()
    {
        RunTests.SkipWithoutSandbox();
        await UseAsync(redis: false);
        await using CliRun worker = await StartWorkerAsync();
        string id = await SendAsync("import essaim\ndef main():\n    print('abc')\n    open('left.txt', 'w').write('x' * 10)\n    return 1");

        CliResult followed = await CliRun.RunAsync(_folder.Path, "logs", id, "--follow", "--broker", _broker);
        CliResult rest = await CliRun.RunAsync(_folder.Path, "logs", id, "--from", "2", "--broker", _broker);
        CliResult json = await CliRun.RunAsync(_folder.Path, "logs", id, "--format", "json", "--broker", _broker);
        Assert.Equal(new CliResult(ExitCodes.Ok, "abc\n", ""), followed);
        Assert.Equal(new CliResult(ExitCodes.Ok, "c\n", ""), rest);
        using JsonDocument line = JsonDocument.Parse(json.Output);
        Assert.Equal((0, "output", "abc\n"), (line.RootElement.GetProperty("offset").GetInt32(), line.RootElement.GetProperty("source").GetString(), line.RootElement.GetProperty("text").GetString()));

        CliResult listed = await CliRun.RunAsync(_folder.Path, "artifacts", id, "--broker", _broker);
        Assert.Equal((ExitCodes.Ok, "          10  left.txt"), (listed.ExitCode, listed.Output.Split('\n').Single(text => text.EndsWith("left.txt", StringComparison.Ordinal))));
        CliResult fetched = await CliRun.RunAsync(_folder.Path, "artifacts", id, "--out", "here", "--broker", _broker);
        Assert.Equal((ExitCodes.Ok, "essaim: 2 files in here\n"), (fetched.ExitCode, fetched.Errors));
        Assert.Equal("xxxxxxxxxx", await File.ReadAllTextAsync(_folder["here/left.txt"], Stop));
        Assert.Equal(ExitCodes.NotFound, (await CliRun.RunAsync(_folder.Path, "logs", "unknown", "--broker", _broker)).ExitCode);
        Assert.Equal(ExitCodes.NotFound, (await CliRun.RunAsync(_folder.Path, "artifacts", "unknown", "--broker", _broker)).ExitCode);
    }

    [Fact]
    public async Task Run_WithCache_SameIsAnsweredAndOtherRuns()
    {
        RunTests.SkipWithoutSandbox();
        await UseAsync(redis: true);
        await using CliRun worker = await StartWorkerAsync();
        await File.WriteAllTextAsync(_folder["mesh.inp"], "1", Stop);
        // What it makes up says whether it ran.
        await File.WriteAllTextAsync(
            _folder["test.py"], "import secrets\ndef main(n: int):\n    open('left.txt', 'w').write(secrets.token_hex(8))\n    return secrets.token_hex(8)", Stop);
        string[] same = ["--n", "1", "--file", "mesh.inp", "--cache", "--out", "results", "--broker", _broker];

        CliResult first = await CliRun.RunAsync(_folder.Path, ["run", "test.py", .. same]);
        string left = await File.ReadAllTextAsync(_folder["results/left.txt"], Stop);
        CliResult again = await CliRun.RunAsync(_folder.Path, ["run", "test.py", .. same]);
        Assert.Equal((ExitCodes.Ok, first.Output), (again.ExitCode, again.Output));
        Assert.DoesNotContain("from cache", first.Errors, StringComparison.Ordinal);
        Assert.Matches("^from cache: run of [0-9a-f-]{36}, [0-9-]+ [0-9:]+Z\n", again.Errors);
        Assert.Equal(left, await File.ReadAllTextAsync(_folder["results/left.txt"], Stop));

        CliResult unasked = await CliRun.RunAsync(_folder.Path, ["run", "test.py", .. same.Where(word => word != "--cache")]);
        CliResult otherInput = await CliRun.RunAsync(_folder.Path, ["run", "test.py", .. same.Select(word => word == "1" ? "2" : word)]);
        CliResult otherLimit = await CliRun.RunAsync(_folder.Path, ["run", "test.py", .. same, "--memory", "256M"]);
        await File.WriteAllTextAsync(_folder["mesh.inp"], "2", Stop);
        CliResult otherFile = await CliRun.RunAsync(_folder.Path, ["run", "test.py", .. same]);
        await File.AppendAllTextAsync(_folder["test.py"], "\n# changed\n", Stop);
        CliResult otherSource = await CliRun.RunAsync(_folder.Path, ["run", "test.py", .. same]);
        CliResult[] others = [first, unasked, otherInput, otherLimit, otherFile, otherSource];
        Assert.All(others, run => Assert.Equal(ExitCodes.Ok, run.ExitCode));
        Assert.Equal(others.Length, others.Select(run => run.Output).Distinct().Count());
    }

    [Fact]
    public async Task Run_WithCache_FailureIsNotKept()
    {
        RunTests.SkipWithoutSandbox();
        await UseAsync(redis: false);
        await using CliRun worker = await StartWorkerAsync();
        await File.WriteAllTextAsync(_folder["test.py"], "import secrets\ndef main():\n    raise ValueError(secrets.token_hex(8))", Stop);

        CliResult first = await CliRun.RunAsync(_folder.Path, "run", "test.py", "--cache", "--broker", _broker);
        CliResult second = await CliRun.RunAsync(_folder.Path, "run", "test.py", "--cache", "--broker", _broker);

        Assert.Equal((ExitCodes.Failed, ExitCodes.Failed), (first.ExitCode, second.ExitCode));
        Assert.NotEqual(first.Errors, second.Errors);
    }

    [Fact]
    public async Task Run_FilesThatCannotGo_AreToldBeforeAnythingIsSent()
    {
        await UseAsync(redis: false);
        await File.WriteAllTextAsync(_folder["test.py"], "def main(): return 1", Stop);
        await using (FileStream large = File.Create(_folder["large.bin"]))
            large.SetLength(IBlobStore.MostBytes + 1);

        CliResult one = await CliRun.RunAsync(_folder.Path, "run", "test.py", "--file", "large.bin", "--broker", _broker);
        CliResult together = await CliRun.RunAsync(_folder.Path, "run", "test.py", "--file", "test.py", "--files-limit", "10", "--broker", _broker);

        Assert.StartsWith("essaim: ESS6041: large.bin has 67,108,865 bytes; the broker keeps at most 67,108,864 (64 MiB) in one piece.", one.Errors, StringComparison.Ordinal);
        Assert.StartsWith("essaim: ESS6003: The files have 20 bytes together; at most 10 go to the fleet", together.Errors, StringComparison.Ordinal);
        Assert.NotEqual(ExitCodes.Ok, one.ExitCode);
        Assert.NotEqual(ExitCodes.Ok, together.ExitCode);
    }

    [Fact]
    public async Task Call_WithAFileThatIsNotThere_SaysWhichAndWhatToDo()
    {
        RunTests.SkipWithoutSandbox();
        await UseAsync(redis: false);
        await using CliRun worker = await StartWorkerAsync();

        CliResult called = await CliRun.RunAsync(
            _folder.Path, "call", "essaim.function", "source=def main(): return 1", $$"""files={"mesh.inp": "{{new string('0', 64)}}"}""", "--broker", _broker);

        Assert.Contains($"ESS6044: The file mesh.inp ({new string('0', 64)}) is not in the broker, or not any more.", called.Errors, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, called.ExitCode);
    }

    private async Task UseAsync(bool redis)
    {
        _redis = redis ? await RedisServer.StartAsync(_folder.Path) : null;
        _broker = _redis?.Url ?? $"sqlite:{_folder["essaim.db"]}";
    }

    private async Task<string> SendAsync(string source)
    {
        CliResult sent = await CliRun.RunAsync(_folder.Path, "send", "essaim.function", $"source={source}", "collect=true", "--broker", _broker);
        return sent.Output.Trim();
    }

    private async Task<CliRun> StartWorkerAsync()
    {
        CliRun worker = CliRun.Start(_folder.Path, "worker", "--autoscale", "2,1", "-l", "warning", "--lease", "8s", "--broker", _broker);
        await worker.WaitForErrorsAsync("slots");
        return worker;
    }
}
