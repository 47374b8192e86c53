using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Essaim.Redis.Tests;

/// <summary>A worker may be started before its broker is there.</summary>
public sealed class BackendOpenerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenAsync_ServerComesLater_WaitsAndSaysSoOnce()
    {
        await using OwnServer server = new();
        await server.InitializeAsync();
        await server.KillAsync();
        using Lines lines = new();
        Task<IBackend> opening = BackendOpener.OpenAsync(server.Url, new BackendContext(TimeProvider.System, lines), Stop);
        await lines.First.Task.WaitAsync(Patience, Stop);
        Assert.False(opening.IsCompleted);

        await server.StartAsync();

        await using IBackend backend = await opening.WaitAsync(Patience, Stop);
        Assert.Equal(
            [
                $"The worker waits for its broker. Redis at 127.0.0.1:{server.Port} cannot be reached: Connection refused. Is the server running, is {server.Url} its address, and may this machine connect to it?",
                $"The broker {server.Url} is there.",
            ],
            lines.All);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public async Task OpenAsync_LinkIsCutWhileItOpens_TriesAgain(int afterBytes)
    {
        await using OwnServer server = new();
        await server.InitializeAsync();
        await using CuttingProxy proxy = new(server.Port);
        using Lines lines = new();
        proxy.CutAfter(afterBytes);

        await using IBackend backend = await BackendOpener.OpenAsync(proxy.Url, new BackendContext(TimeProvider.System, lines), Stop).WaitAsync(Patience, Stop);

        Assert.Equal(2, lines.All.Count);
    }

    [Theory]
    [InlineData(":wrong@127.0.0.1", "ESS2103")]
    [InlineData("no-such-host.invalid", "ESS2102")]
    [InlineData("127.0.0.1", "ESS2130", "?wake=never")]
    public async Task OpenAsync_WaitingWouldNotHelp_SaysWhyAtOnce(string host, string code, string options = "")
    {
        await using OwnServer server = new() { Arguments = ["--requirepass", "right"] };
        await server.InitializeAsync();
        using Lines lines = new();

        EssaimException refused = await Assert.ThrowsAnyAsync<EssaimException>(
            async () => await BackendOpener.OpenAsync($"redis://{host}:{server.Port}/0{options}", new BackendContext(TimeProvider.System, lines), Stop));

        Assert.Equal(code, refused.Code);
        Assert.Empty(lines.All);
    }

    [Fact]
    public async Task OpenAsync_StoppedWhileItWaits_Ends()
    {
        await using OwnServer server = new();
        await server.InitializeAsync();
        await server.KillAsync();
        using Lines lines = new();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task<IBackend> opening = BackendOpener.OpenAsync(server.Url, new BackendContext(TimeProvider.System, lines), stop.Token);
        await lines.First.Task.WaitAsync(Patience, Stop);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await opening.WaitAsync(Patience, Stop));
    }

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            All.Enqueue(formatter(state, exception));
            First.TrySetResult();
        }

        public void Dispose()
        {
        }
    }
}
