using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Interop.Tests;

/// <summary>One Redis with clients and workers of both kinds on it. What a test starts ends with the fleet.</summary>
internal sealed class TestFleet : IAsyncDisposable
{
    private static readonly IReadOnlyDictionary<string, string?> Nothing = new Dictionary<string, string?>();
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly Dictionary<string, string?> _environment;
    private readonly string _query;
    private readonly Lazy<PythonClient> _python;
    private IBackend? _backend;
    private TaskClient? _client;

    private TestFleet(RedisServer redis, FleetOptions options)
    {
        Redis = redis;
        _query = options.Query;
        _environment = new Dictionary<string, string?> { ["INTEROP_URL"] = redis.Url(options.Database), ["INTEROP_TRANSPORT"] = options.Transport };
        _python = new Lazy<PythonClient>(() => Keep(new PythonClient(_environment)));
        EssaimUrl = redis.Url(options.Database) + (_query.Length > 0 ? "?" + _query : "");
    }

    public RedisServer Redis { get; }

    public string EssaimUrl { get; }

    public PythonClient Python => _python.Value;

    /// <summary>Essaim as a client, in this process.</summary>
    public TaskClient Client => _client ??= Keep(new TaskClient(EssaimUrl));

    /// <summary>One more interpreter, for what goes on while the first is busy; the caller's to end.</summary>
    public PythonClient StartPythonClient() => new(_environment);

    public static async Task<TestFleet> StartAsync(FleetOptions? options = null)
    {
        RedisServer redis = await RedisServer.StartAsync(options?.Durable ?? false);
        TestFleet fleet = new(redis, options ?? new FleetOptions());
        fleet._parts.Add(redis);
        return fleet;
    }

    /// <summary>A second fleet on the same Redis.</summary>
    public TestFleet Beside(FleetOptions options) => Keep(new TestFleet(Redis, options));

    public async Task<IBackend> GetBackendAsync() => _backend ??= Keep(await Backend.OpenAsync(
        EssaimUrl, new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), TestContext.Current.CancellationToken));

    /// <summary>A real Celery worker; returns when it takes tasks.</summary>
    public async Task<RunningProgram> StartPythonWorkerAsync(string queue, string name, int slots = 2, bool acksLate = false, params string[] more)
    {
        Dictionary<string, string?> environment = new(_environment) { ["INTEROP_ACKS_LATE"] = acksLate ? "1" : null };
        environment["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "Python");
        RunningProgram worker = Keep(new RunningProgram(
            Installed.Python,
            ["-m", "celery", "-A", "interop_app", "worker", "-Q", queue, "-n", name, "-c", slots.ToString(CultureInfo.InvariantCulture), "-E", "-l", "INFO", .. more],
            environment).WithOutputAsTalk());
        await worker.WaitForLineAsync($"{name} ready.");
        // It says so a moment before it listens to remote control.
        await Python.RunAsync("wait_for(lambda: app.control.ping(destination=[name], timeout=0.5))", ("name", name));
        return worker;
    }

    /// <summary>A real Celery worker that has its queues from the lines it is given; returns when it takes tasks.</summary>
    public async Task<RunningProgram> StartConfiguredPythonWorkerAsync(string name, string lines)
    {
        Dictionary<string, string?> environment = new(_environment) { ["INTEROP_CONFIG"] = lines, ["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "Python") };
        RunningProgram worker = Keep(new RunningProgram(
            Installed.Python, ["-m", "celery", "-A", "interop_app", "worker", "-n", name, "-c", "2", "-E", "-l", "INFO"], environment).WithOutputAsTalk());
        await worker.WaitForLineAsync($"{name} ready.");
        await Python.RunAsync("wait_for(lambda: app.control.ping(destination=[name], timeout=0.5))", ("name", name));
        return worker;
    }

    /// <summary>The sample's worker; returns when it answers.</summary>
    public Task<RunningProgram> StartEssaimWorkerAsync(string queue, string name, int slots = 2, params string[] more) =>
        StartEssaimWorkerAsync(queue, name, slots, null, more);

    /// <summary>The sample's worker on a machine whose clock is off; returns when it answers.</summary>
    public Task<RunningProgram> StartEssaimWorkerAsync(string queue, string name, WrongClock clock, params string[] more) =>
        StartEssaimWorkerAsync(queue, name, 2, clock, more);

    private async Task<RunningProgram> StartEssaimWorkerAsync(string queue, string name, int slots, WrongClock? clock, string[] more)
    {
        Dictionary<string, string?> environment = new(_environment)
        {
            ["INTEROP_URL"] = EssaimUrl,
            ["INTEROP_QUEUE"] = queue,
            ["INTEROP_NODE"] = name,
            ["INTEROP_CONCURRENCY"] = slots.ToString(CultureInfo.InvariantCulture),
        };
        foreach ((string variable, string? value) in clock?.Environment ?? Nothing)
            environment[variable] = value;
        RunningProgram worker = Keep(new RunningProgram(
            Path.Combine(AppContext.BaseDirectory, "Interop"), ["worker", "-E", .. more], environment).WithOutputAsTalk());
        await worker.WaitForLineAsync($"Worker {name} is up");
        await Python.RunAsync("wait_for(lambda: app.control.ping(destination=[name], timeout=0.5))", ("name", name));
        return worker;
    }

    /// <summary>The sample's worker, started as its service is, with a tracer that notes what it and its children do to files.</summary>
    public async Task<RunningProgram> StartTracedEssaimWorkerAsync(string queue, string name, string trace)
    {
        Dictionary<string, string?> environment = new(_environment)
        {
            ["INTEROP_URL"] = EssaimUrl,
            ["INTEROP_QUEUE"] = queue,
            ["INTEROP_NODE"] = name,
            ["INTEROP_CONCURRENCY"] = "2",
            ["DOTNET_EnableDiagnostics"] = "0",
        };
        // -D: what is started is the worker itself, which a signal reaches.
        RunningProgram worker = Keep(new RunningProgram(
            "strace",
            [
                "-D", "-f", "-q", "-e", "trace=openat,open,creat,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,link,linkat,symlink,symlinkat,mknod,mknodat,truncate,bind",
                "-o", trace, Path.Combine(AppContext.BaseDirectory, "Interop"), "worker", "-E",
            ],
            environment).WithOutputAsTalk());
        await worker.WaitForLineAsync($"Worker {name} is up");
        return worker;
    }

    /// <summary>The sample's worker, as soon as it says it is up: it may be that Redis is not.</summary>
    public async Task<RunningProgram> StartRawEssaimWorkerAsync(string queue, string name, params string[] more)
    {
        Dictionary<string, string?> environment = new(_environment)
        {
            ["INTEROP_URL"] = EssaimUrl,
            ["INTEROP_QUEUE"] = queue,
            ["INTEROP_NODE"] = name,
            ["INTEROP_CONCURRENCY"] = "1",
        };
        RunningProgram worker = Keep(new RunningProgram(
            Path.Combine(AppContext.BaseDirectory, "Interop"), ["worker", .. more], environment).WithOutputAsTalk());
        await worker.WaitForLineAsync($"Worker {name} is up");
        return worker;
    }

    /// <summary>The sample with a command line as people write it; returns when it answers.</summary>
    public async Task<RunningProgram> StartSampleAsync(IReadOnlyList<string> arguments, string node)
    {
        Dictionary<string, string?> environment = new(_environment) { ["INTEROP_URL"] = EssaimUrl };
        RunningProgram worker = Keep(new RunningProgram(Path.Combine(AppContext.BaseDirectory, "Interop"), arguments, environment).WithOutputAsTalk());
        await worker.WaitForLineAsync(" is up: ");
        await Python.RunAsync("wait_for(lambda: [n for r in app.control.ping(timeout=0.5) for n in r if n.startswith(node)])", ("node", node));
        return worker;
    }

    /// <summary>Runs Celery's own command line to its end and returns what it wrote.</summary>
    public async Task<string> RunCeleryAsync(params string[] arguments)
    {
        Dictionary<string, string?> environment = new(_environment) { ["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "Python") };
        await using RunningProgram program = new(Installed.Python, ["-m", "celery", "-A", "interop_app", .. arguments], environment);
        return await program.Output.ReadToEndAsync(TestContext.Current.CancellationToken) + program.Log;
    }

    /// <summary>Runs the sample's command line to its end and returns what it wrote.</summary>
    public Task<string> RunSampleAsync(params string[] arguments) => RunSampleAsync(null, arguments);

    /// <summary>As <see cref="RunSampleAsync(string[])"/>, on a machine whose clock is off.</summary>
    public async Task<string> RunSampleAsync(WrongClock? clock, params string[] arguments)
    {
        Dictionary<string, string?> environment = new(_environment) { ["INTEROP_URL"] = EssaimUrl };
        foreach ((string variable, string? value) in clock?.Environment ?? Nothing)
            environment[variable] = value;
        await using RunningProgram program = new(Path.Combine(AppContext.BaseDirectory, "Interop"), arguments, environment);
        string output = await program.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        return output.TrimEnd() + program.Log;
    }

    public async ValueTask DisposeAsync()
    {
        // The Redis was first; workers and clients end before it.
        for (int i = _parts.Count - 1; i >= 0; i--)
            await _parts[i].DisposeAsync();
    }

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        lock (_parts)
            _parts.Add(part);
        return part;
    }
}

/// <summary>What differs from the usual.</summary>
/// <param name="Database">Redis database.</param>
/// <param name="Query">Query of Essaim's URL, without <c>?</c>.</param>
/// <param name="Transport">Celery's <c>broker_transport_options</c>, as JSON.</param>
/// <param name="Durable">Redis writes everything to its disk.</param>
internal sealed record FleetOptions(int Database = 0, string Query = "", string Transport = "{}", bool Durable = false);
