using System.Globalization;
using Essaim.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Redis.Tests;

/// <summary>What wakes a worker for messages that foreign producers push: they ring no bell. The server keeps the time between two looks.</summary>
public sealed class WakeTests(OwnServer server) : IClassFixture<OwnServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("q", 0)]
    [InlineData("q\u0006\u00169", 0)]
    [InlineData("q", 3)]
    public async Task Wait_ForeignPush_NoticeWakesWithoutALook(string list, int database)
    {
        await using RedisClient admin = await ResetAsync("");
        await using RedisClient producer = await OwnServer.ConnectAsync($"redis://127.0.0.1:{server.Port}/{database}");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), $"/{database}?wake=keyspace");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();

        await PushAsync(producer, list);

        await waiting.WaitAsync(Patience, Stop);
        Assert.DoesNotContain("exists", await CommandCounts.ReadAsync(admin));
    }

    [Fact]
    public async Task Listen_QueueThatOnlyForeignClientsSendTo_IsInTheListOfQueues()
    {
        await using RedisClient admin = await ResetAsync("");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), "/0");
        await PushAsync(admin, "q");

        await using IWorkSignal signal = await backend.Broker.ListenAsync(["empty", "q"], Stop);

        Assert.Equal([("empty", 0), ("q", 1)], (await backend.Broker.GetQueuesAsync(Stop)).Select(queue => (queue.Name, queue.Ready)));
    }

    [Fact]
    public async Task Wait_ForeignPushBeforeTheWait_EndsAtOnce()
    {
        await using RedisClient admin = await ResetAsync("");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), "/0?wake=keyspace");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["other", "q"], Stop);

        await PushAsync(admin, "q");

        await signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask().WaitAsync(Patience, Stop);
    }

    [Theory]
    [InlineData("", "Kl")]
    [InlineData("Ex", "ExKl")]
    [InlineData("Kg", "Kgl")]
    [InlineData("EA", "EAK")]
    [InlineData("KEA", "KEA")]
    public async Task Listen_FlagsAreSet_TheyStay(string before, string after)
    {
        await using RedisClient admin = await ResetAsync(before);
        await using IBackend backend = await OpenAsync(TimeProvider.System, "/0?wake=keyspace");

        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);

        Assert.Equal(after.Order(), (await FlagsAsync(admin)).Order());
    }

    [Fact]
    public async Task Listen_FlagsAreWhatIsNeeded_SetsNothing()
    {
        await using RedisClient admin = await ResetAsync("KA");
        await AddUserAsync(admin, "reader", "-config", "+config|get");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), "/0?wake=keyspace", "reader:pw@");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();

        await PushAsync(admin, "q");

        await waiting.WaitAsync(Patience, Stop);
    }

    [Theory]
    [InlineData("-config", "")]
    [InlineData("-config", "+config|get")]
    public async Task Wait_ConfigNotAllowed_LooksLikeAllOthers(params string[] rules)
    {
        await using RedisClient admin = await ResetAsync("");
        await AddUserAsync(admin, "plain", rules);
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), "/0?wake=keyspace", "plain:pw@");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();

        await PushAsync(admin, "q");

        await waiting.WaitAsync(Patience, Stop);
        Assert.Equal("", await FlagsAsync(admin));
        Assert.Contains("exists", await CommandCounts.ReadAsync(admin));
    }

    [Fact]
    public async Task Wait_LookIsRefused_SaysSo()
    {
        await using RedisClient admin = await ResetAsync("");
        await AddUserAsync(admin, "lame", "-brpop");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), "/0?wake=poll", "lame:pw@");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);

        RedisReplyException refused = await Assert.ThrowsAsync<RedisReplyException>(
            async () => await signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask().WaitAsync(Patience, Stop));

        Assert.Equal("NOPERM", refused.Kind);
    }

    [Fact]
    public async Task Wait_LookersConnectionIsCut_TheNextWaitLooksAgain()
    {
        await using RedisClient admin = await ResetAsync("");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), "/0?wake=poll");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);
        Task cut = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();
        await UntilAsync(async () => (await CommandCounts.ReadAsync(admin)).ContainsKey("brpop"));
        await admin.SendAsync(new RespCommand("CLIENT").Add("KILL").Add("TYPE").Add("NORMAL"), Stop);
        await Assert.ThrowsAsync<RedisConnectionException>(async () => await cut.WaitAsync(Patience, Stop));

        Task waiting = WaitForWorkAsync(signal, admin, "q");
        await PushAsync(admin, "q");

        await waiting.WaitAsync(Patience, Stop);
    }

    [Theory]
    [InlineData("q", 0)]
    [InlineData("q\u0006\u00169", 0)]
    [InlineData("q", 3)]
    public async Task Wait_ForeignPushToATrackedList_WakesWithoutAnotherLook(string list, int database)
    {
        await using RedisClient admin = await ResetAsync("");
        await using RedisClient producer = await OwnServer.ConnectAsync($"redis://127.0.0.1:{server.Port}/{database}");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), $"/{database}");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["other", "q"], Stop);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();
        await UntilAsync(async () => (await CommandCounts.ReadAsync(admin)).ContainsKey("exists"));
        Assert.False(waiting.IsCompleted);

        await PushAsync(producer, list);

        await waiting.WaitAsync(Patience, Stop);
        Assert.Equal(1, (await CommandCounts.ReadAsync(admin))["exists"]);
    }

    [Fact]
    public async Task Wait_ForeignPushWhileTheWorkerWorks_IsFoundByTheNextLook()
    {
        await using RedisClient admin = await ResetAsync("");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), "/0");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);
        for (int turn = 1; turn <= 3; turn++)
        {
            Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();
            await UntilAsync(async () => (await CommandCounts.ReadAsync(admin)).GetValueOrDefault("exists") == turn);
            await PushAsync(admin, "q");
            await waiting.WaitAsync(Patience, Stop);
            await admin.SendAsync(new RespCommand("DEL").Add("q"), Stop);
        }

        await PushAsync(admin, "q");

        await signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask().WaitAsync(Patience, Stop);
    }

    [Fact]
    public async Task Wait_TrackingNotAllowed_LooksAgainAndAgain()
    {
        await using RedisClient admin = await ResetAsync("");
        await AddUserAsync(admin, "simple", "-client");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), "/0", "simple:pw@");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();
        await UntilAsync(async () => (await CommandCounts.ReadAsync(admin)).GetValueOrDefault("exists") > 2);
        Assert.False(waiting.IsCompleted);

        await PushAsync(admin, "q");

        await waiting.WaitAsync(Patience, Stop);
    }

    [Fact]
    public async Task Wait_TrackingConnectionIsCut_EndsAndTheNextWaitTracksAgain()
    {
        await using RedisClient admin = await ResetAsync("");
        await using IBackend backend = await OpenAsync(new FakeTimeProvider(), "/0");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);
        Task cut = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();
        await UntilAsync(async () => (await CommandCounts.ReadAsync(admin)).ContainsKey("exists"));
        await admin.SendAsync(new RespCommand("CLIENT").Add("KILL").Add("TYPE").Add("NORMAL"), Stop);
        await cut.WaitAsync(Patience, Stop);

        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();
        await UntilAsync(async () => (await CommandCounts.ReadAsync(admin)).GetValueOrDefault("exists") == 2);
        Assert.False(waiting.IsCompleted);
        await PushAsync(admin, "q");

        await waiting.WaitAsync(Patience, Stop);
    }

    [Fact]
    public async Task Wait_ServerStartedAnew_IsToldAgainToSendNotices()
    {
        await using OwnServer own = new();
        await own.InitializeAsync();
        await using IBackend backend = await own.OpenAsync(new FakeTimeProvider(), "?wake=keyspace");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);
        await own.KillAsync();
        await own.StartAsync();
        await using RedisClient admin = await OwnServer.ConnectAsync(own.Url);
        Task waiting = WaitForWorkAsync(signal, admin, "q");
        await UntilAsync(async () => await FlagsAsync(admin) == "lK" && (await CommandCounts.ReadAsync(admin)).ContainsKey("exists"));

        await PushAsync(admin, "q");

        await waiting.WaitAsync(Patience, Stop);
    }

    [Theory]
    [InlineData("track", 3)]
    [InlineData("poll", 25)]
    [InlineData("keyspace", 3)]
    public async Task Wait_NothingComes_AsksTheServerNextToNothing(string wake, int mostEachSecond)
    {
        await using RedisClient admin = await ResetAsync("");
        await using IBackend backend = await OpenAsync(TimeProvider.System, $"/0?wake={wake}");
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q", "r", "s"], Stop);
        await CommandCounts.ResetAsync(admin);
        long start = TimeProvider.System.GetTimestamp();

        await signal.WaitAsync(TimeSpan.FromSeconds(2), Stop);

        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        IReadOnlyDictionary<string, long> counts = await CommandCounts.ReadAsync(admin);
        Assert.True(counts.Values.Sum() < mostEachSecond * seconds, string.Create(CultureInfo.InvariantCulture, $"In {seconds:0.0} s: {string.Join(", ", counts)}"));
    }

    private async Task<RedisClient> ResetAsync(string flags)
    {
        RedisClient admin = await server.ConnectEmptyAsync();
        await admin.SendAsync(new RespCommand("CONFIG").Add("SET").Add("notify-keyspace-events").Add(flags), Stop);
        await CommandCounts.ResetAsync(admin);
        return admin;
    }

    private async Task<IBackend> OpenAsync(TimeProvider time, string rest, string user = "") => await RedisBackend.OpenAsync(
        $"redis://{user}127.0.0.1:{server.Port}{rest}", new BackendContext(time, NullLoggerFactory.Instance), Stop);

    private static async Task AddUserAsync(RedisClient admin, string name, params IEnumerable<string> rules)
    {
        RespCommand command = new RespCommand("ACL").Add("SETUSER").Add(name);
        foreach (string rule in (string[])["reset", "on", ">pw", "~*", "&*", "+@all", .. rules.Where(rule => rule.Length > 0)])
            command.Add(rule);
        await admin.SendAsync(command, Stop);
    }

    /// <summary>Waits as a worker does: what woke it may have been nothing.</summary>
    private static async Task WaitForWorkAsync(IWorkSignal signal, RedisClient client, string list)
    {
        while ((await client.SendAsync(new RespCommand("LLEN").Add(list), Stop)).AsInteger() == 0)
            await signal.WaitAsync(TimeSpan.FromHours(1), Stop);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (long start = TimeProvider.System.GetTimestamp(); !await condition();)
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience);
    }

    private static async Task PushAsync(RedisClient client, string list) => await client.SendAsync(new RespCommand("LPUSH").Add(list).Add("{}"), Stop);

    private static async Task<string> FlagsAsync(RedisClient client) =>
        (await client.SendAsync(new RespCommand("CONFIG").Add("GET").Add("notify-keyspace-events"), Stop)).AsTexts()[1];
}
