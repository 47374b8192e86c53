using Essaim.Protocol;
using Essaim.Tests.Workers;

namespace Essaim.Tests.Configuration;

/// <summary>What is in force: what is published, else the last good copy, else the defaults; never half of two.</summary>
public sealed class ConfigFollowerTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-follow-").FullName;
    private readonly InMemoryConfigStore _inner = new(TimeProvider.System);
    private readonly SwitchedConfigStore _store;
    private readonly LiveConfiguration _live = new();
    private readonly ListLogger _log = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public ConfigFollowerTests() => _store = new SwitchedConfigStore(_inner);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string CopyFile => Path.Combine(_folder, "config.json");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Follow_Published_IsAppliedAtOnceAndEachTime()
    {
        await PublishAsync("scan");
        Start();
        await RunningWorker.UntilAsync(() => _live.Current.FindQueue("scan") is not null);

        await PublishAsync("mail");

        await RunningWorker.UntilAsync(() => _live.Current.FindQueue("mail") is not null);
        Assert.Equal((ConfigurationOrigin.Published, null), (_live.Origin, _live.Trouble));
        Assert.Contains(_log.Lines, line => line == $"[CELERY_API] configuration {_live.Current.Version} applied: revision 0 by me, 1 queues, 0 routes");
    }

    [Fact]
    public async Task Follow_ServerGoesAndComes_LastHoldsOn_ThenTheNewIsApplied()
    {
        await PublishAsync("scan");
        Start();
        await RunningWorker.UntilAsync(() => _live.Origin == ConfigurationOrigin.Published);

        _store.GoAway();

        await RunningWorker.UntilAsync(() => _live.Trouble is not null);
        Assert.Equal(("The server is away.", ConfigurationOrigin.Published, "scan"), (_live.Trouble, _live.Origin, _live.Current.Queues[0].Name));
        await PublishAsync("mail");
        _store.ComeBack();
        await RunningWorker.UntilAsync(() => _live.Current.FindQueue("mail") is not null && _live.Trouble is null);
        Assert.Contains(_log.Lines, line => line.StartsWith("[CELERY_API] configuration not read: The server is away. ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_ServerAway_LastGoodCopyHolds_UntilItReturns()
    {
        await PublishAsync("scan");
        Start();
        await RunningWorker.UntilAsync(() => File.Exists(CopyFile));
        await _stop.CancelAsync();
        await _running;
        LiveConfiguration later = new();
        _store.GoAway();
        using CancellationTokenSource stop = new();
        ConfigFollower follower = Follower(later);
        Task running = follower.RunAsync(stop.Token);

        await follower.FirstLook.WaitAsync(Stop);

        Assert.Equal((ConfigurationOrigin.LastGood, "scan", "The server is away."), (later.Origin, later.Current.Queues[0].Name, later.Trouble));
        _store.ComeBack();
        await RunningWorker.UntilAsync(() => later is { Origin: ConfigurationOrigin.Published, Trouble: null });
        await stop.CancelAsync();
        await running;
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":\"1.0\"}")]
    [InlineData("{\"version\":\"1.000000\",\"hash\":\"00\",\"queues\":{\"scan\":{\"name\":\"scan\"}},\"routes\":{},\"base\":{}}")]
    public async Task Start_ServerAwayAndCopyDamaged_DefaultsHold(string copy)
    {
        await File.WriteAllTextAsync(CopyFile, copy, Stop);
        _store.GoAway();
        ConfigFollower follower = Start();

        await follower.FirstLook.WaitAsync(Stop);

        Assert.Equal((ConfigurationOrigin.BuiltIn, "The server is away."), (_live.Origin, _live.Trouble));
        Assert.Empty(_live.Current.Queues);
    }

    [Fact]
    public async Task Follow_DamagedDocument_IsRefusedWhole_AndAlarmed()
    {
        await PublishAsync("scan");
        Start();
        await RunningWorker.UntilAsync(() => _live.Origin == ConfigurationOrigin.Published);
        string good = _live.Current.Version;

        ConfigDocument damaged = Document("mail") with { Base = new Dictionary<string, RawJson> { ["task_time_limit"] = RawJson.Parse("\"soon\"") } };
        ConfigSnapshot bad = (await _inner.PublishAsync(damaged, good, Stop))!;

        await RunningWorker.UntilAsync(() => _live.IsRefusing);
        Assert.Equal((good, "scan"), (_live.Current.Version, _live.Current.Queues[0].Name));
        Assert.Contains($"The published configuration {bad.Version} has a mistake:\n  base.task_time_limit: 'soon' is no time from 1ms to 8760h.", _live.Trouble, StringComparison.Ordinal);
        Assert.Contains(_log.Lines, line => line.StartsWith("[CELERY_API] configuration refused: ", StringComparison.Ordinal) && line.EndsWith($"{good} holds on.", StringComparison.Ordinal));

        await _inner.PublishAsync(Document("mail"), bad.Version, Stop);
        await RunningWorker.UntilAsync(() => _live.Current.FindQueue("mail") is not null && !_live.IsRefusing);
    }

    [Fact]
    public void Read_ContentThatDoesNotFitItsHash_IsRefused()
    {
        ConfigException refused = Assert.Throws<ConfigException>(() => FleetConfiguration.Read(new ConfigSnapshot("5.000000", default, Document("scan")) { DeclaredHash = Document("mail").Hash }));

        Assert.Equal("ESS1302", refused.Code);
        Assert.StartsWith("The published configuration 5.000000 does not fit its hash: something else than a publisher has written there.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FieldsOfANewerProgram_AreLetBe()
    {
        ConfigDocument newer = Document("scan") with { Queues = new Dictionary<string, RawJson> { ["scan"] = RawJson.Parse("""{"name":"scan","colour":"blue","concurrency":2}""") } };

        Assert.Equal(2, FleetConfiguration.Read(new ConfigSnapshot("5.000000", default, newer)).FindQueue("scan")!.Concurrency);
    }

    private ConfigFollower Follower(LiveConfiguration live) => new(_ => new(_store), live, new ConfigCopy(CopyFile), TimeProvider.System, new Random(1), _log.CreateLogger("x"));

    private ConfigFollower Start()
    {
        ConfigFollower follower = Follower(_live);
        _running = follower.RunAsync(_stop.Token);
        return follower;
    }

    private async Task PublishAsync(string queue) => Assert.NotNull(await _inner.PublishAsync(Document(queue), (await _inner.ReadAsync(Stop))?.Version, Stop));

    private static ConfigDocument Document(string queue) => new(
        new Dictionary<string, RawJson> { [queue] = QueueJson.Write(new QueueDefinition(queue)) }, new Dictionary<string, RawJson>(), new Dictionary<string, RawJson>(), "me");
}
