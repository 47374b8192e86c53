using System.Globalization;
using Essaim.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Interop.Tests.Delivery;

/// <summary>A core and four nodes, each with a network of its own. Links are cut at random, a node loses its power, the clock of another is an hour off.</summary>
public sealed class NodesComeAndGoTests : IAsyncLifetime
{
    private const int Nodes = 4;
    private const int Tasks = 400;
    private const int Rebooted = 1;
    private const int WrongClockNode = 3;
    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-nodes-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [InteropFact]
    public async Task LinksCut_NodeRebooted_ClockOff_NothingIsLostAndNothingCountsTwice()
    {
        Assert.SkipUnless(Network.IsUsable, "Network namespaces need root.");
        await using Network network = await Network.MakeAsync(Nodes);
        string socket = Path.Combine(_folder, "redis.sock");
        await using RunningProgram redis = new RunningProgram(
            "ip", [.. Network.Exec(network.Core), "redis-server", "--bind", Network.CoreAddress, "--protected-mode", "no", "--save", "", "--dir", _folder, "--unixsocket", socket],
            new Dictionary<string, string?>()).WithOutputAsTalk();
        await redis.WaitForLineAsync("Ready to accept connections");
        using WrongClock clock = new("+1h");
        await using Crew crew = new(network, clock);
        for (int node = 0; node < Nodes; node++)
            await crew.StartAsync(node);
        await using IBackend backend = await Backend.OpenAsync($"unix://{socket}?virtual_host=0", new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), Stop);
        await using TaskClient client = new(backend);

        string effects = Directory.CreateDirectory(Path.Combine(_folder, "effects")).FullName;
        string[] ids = [.. Enumerable.Range(0, Tasks).Select(n => string.Create(CultureInfo.InvariantCulture, $"key-{n}"))];
        await client.SendManyAsync(
            [.. ids.Select(id => new TaskCall("tasks.append", [Path.Combine(effects, id), 0.3], Options: new EnqueueOptions { TaskId = id, Queue = "net" }))], Stop);
        await RageAsync(network, crew);

        Dictionary<string, int> ends = await WaitForAllAsync(backend, ids);
        Assert.All(ids, id => Assert.Equal(1, ends[id]));
        Assert.Equal(Tasks, ends.Count);
        IReadOnlyList<ResultDocument?> results = await backend.Results.GetManyAsync(ids, Stop);
        Assert.All(results, result => Assert.Equal(TaskState.Success, result?.State));
        await CheckRunsAsync(effects, ids, crew);
        // Each node has worked, the one whose clock is off too.
        string all = string.Concat(ids.Select(id => File.ReadAllText(Path.Combine(effects, id))));
        Assert.All(Enumerable.Range(0, Nodes), node => Assert.Contains(Crew.NameOf(node), all, StringComparison.Ordinal));
    }

    /// <summary>Cuts links for shorter and for longer than a lease of 5 s, and takes the power from one node, by a seed.</summary>
    private static async Task RageAsync(Network network, Crew crew)
    {
        Random random = new(77);
        bool[] cut = new bool[Nodes];
        List<Task> cuts = [];
        long start = TimeProvider.System.GetTimestamp();
        for (bool killed = false; TimeProvider.System.GetElapsedTime(start) < Storm;)
        {
            int node = random.Next(Nodes);
            if (!cut[node])
                cuts.Add(CutAsync(node, TimeSpan.FromSeconds(0.5 + 8.5 * random.NextDouble())));
            await Task.Delay(TimeSpan.FromSeconds(1 + random.NextDouble()), TimeProvider.System, Stop);
            if (killed || TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(4))
                continue;
            killed = true;
            await crew.KillAsync(Rebooted);
            cuts.Add(RestartAsync());
        }

        await Task.WhenAll(cuts);

        async Task CutAsync(int node, TimeSpan time)
        {
            cut[node] = true;
            await network.CutAsync(node);
            await Task.Delay(time, TimeProvider.System, Stop);
            await network.MendAsync(node);
            cut[node] = false;
        }

        async Task RestartAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Stop);
            await crew.StartAsync(Rebooted);
        }
    }

    private static async Task<Dictionary<string, int>> WaitForAllAsync(IBackend backend, string[] ids)
    {
        Dictionary<string, int> ends = [];
        long position = 0;
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        while (ids.Any(id => !ends.ContainsKey(id)))
        {
            IReadOnlyList<FeedEntry> entries = await backend.Results.ReadCompletionsAsync(position, 1000, patience.Token);
            foreach (FeedEntry entry in entries)
            {
                ends[entry.Completion.TaskId] = ends.GetValueOrDefault(entry.Completion.TaskId) + 1;
                position = entry.Position;
            }

            if (entries.Count == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }

        return ends;
    }

    /// <summary>A task that ran more often than once did so because a node lost its lease, and says so as soon as it hears of it, or lost its power.</summary>
    private static async Task CheckRunsAsync(string effects, string[] ids, Crew crew)
    {
        string[] unexcused;
        long start = TimeProvider.System.GetTimestamp();
        while ((unexcused = [.. ids.Where(id => !IsExcused(id))]).Length > 0 && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20))
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
        Assert.True(unexcused.Length == 0, $"These ran again though no lease was lost: {string.Join(", ", unexcused.Select(Describe))}\n{crew.Log}");

        bool IsExcused(string id)
        {
            string[] runs = Runs(id);
            return runs.Length >= 1 && runs.Length - 1 <= runs.Count(node => node == Crew.NameOf(Rebooted) || crew.HasLostLeaseOf(node, id));
        }

        string Describe(string id) => $"{id} ({string.Join(", ", Runs(id))})";

        string[] Runs(string id) => File.ReadAllLines(Path.Combine(effects, id));
    }

    /// <summary>The workers, one a node.</summary>
    private sealed class Crew(Network network, WrongClock clock) : IAsyncDisposable
    {
        private readonly RunningProgram?[] _workers = new RunningProgram?[Nodes];
        private readonly List<(string Node, RunningProgram Worker)> _all = [];

        public string Log => string.Join("\n\n", _all.Select(one => one.Worker.Log));

        public static string NameOf(int node) => string.Create(CultureInfo.InvariantCulture, $"node{node}@test");

        public async Task StartAsync(int node)
        {
            Dictionary<string, string?> environment = new()
            {
                ["INTEROP_URL"] = $"redis://{Network.CoreAddress}:6379/0?socket_timeout=5&socket_connect_timeout=2",
                ["INTEROP_QUEUE"] = "net",
                ["INTEROP_NODE"] = NameOf(node),
                ["INTEROP_CONCURRENCY"] = "2",
            };
            if (node == WrongClockNode)
            {
                foreach ((string variable, string? value) in clock.Environment)
                    environment[variable] = value;
            }

            // It may be started while its link is cut: then it ends, and whoever watches over it starts it again.
            while (true)
            {
                RunningProgram worker = new RunningProgram(
                    "ip",
                    [.. Network.Exec(network.Node(node)), Path.Combine(AppContext.BaseDirectory, "Interop"), "worker", "--lease", "5s", "--no-events", "--without-mingle"],
                    environment).WithOutputAsTalk();
                _all.Add((NameOf(node), worker));
                _workers[node] = worker;
                if (await worker.SaysAsync($"Worker {NameOf(node)} is up"))
                    return;
            }
        }

        public Task KillAsync(int node) => _workers[node]!.KillAsync();

        public bool HasLostLeaseOf(string node, string id) => _all.Any(one => one.Node == node
            && (one.Worker.Log.Contains($"[{id}] lost its lease", StringComparison.Ordinal) || one.Worker.Log.Contains($"of task {id} was refused: its lease", StringComparison.Ordinal)));

        public async ValueTask DisposeAsync()
        {
            foreach ((_, RunningProgram worker) in _all)
                await worker.DisposeAsync();
        }
    }
}
