using System.Diagnostics;
using Essaim.Protocol;
using Essaim.Sqlite.Tests.Processes;
using Essaim.Testing;

namespace Essaim.Sqlite.Tests.Engine;

/// <summary>News reach other processes. The clock stands still, so that nothing but the bell can bring them.</summary>
public sealed class BellTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bell_RungByAnotherProcess_EndsEveryWait()
    {
        string path = TemporaryFiles.NewPath();
        await using SqliteBackend backend = SqliteBackend.Open(path, new FakeTimeProvider());
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using IWorkSignal signal = await backend.Broker.ListenAsync(["q"], Stop);
        await using IAsyncEnumerator<ResultDocument> results = backend.Results.WatchAsync("t", Stop).GetAsyncEnumerator(Stop);
        await using IAsyncEnumerator<EventEntry> events = backend.Events.SubscribeAsync(null, Stop).GetAsyncEnumerator(Stop);
        await using IAsyncEnumerator<ConfigSnapshot> configurations = backend.Configuration.WatchAsync(Stop).GetAsyncEnumerator(Stop);
        TaskCompletionSource<string> asked = new();
        Task serving = backend.Control.ServeAsync(
            "here",
            (request, _) =>
            {
                asked.TrySetResult(request.Method);
                return new((RawJson?)null);
            },
            end.Token);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();
        Task<bool> result = results.MoveNextAsync().AsTask();
        Task<bool> happened = events.MoveNextAsync().AsTask();
        Task<bool> configured = configurations.MoveNextAsync().AsTask();

        using Process neighbour = Helper.Start("--as-neighbour", path);

        await Task.WhenAll(waiting, result, happened, configured, asked.Task).WaitAsync(Patience, Stop);
        Assert.Equal("t", results.Current.TaskId);
        Assert.Equal("next@door", events.Current.Event.Hostname);
        Assert.Equal("next@door", configurations.Current.Document.Author);
        Assert.Equal("ping", await asked.Task);
        await neighbour.WaitForExitAsync(Stop);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    [Fact]
    public async Task Bell_Broken_IsMadeUpForByLookingNowAndThen()
    {
        FakeTimeProvider time = new();
        string path = TemporaryFiles.NewPath();
        await using SqliteBackend here = SqliteBackend.Open(path, time);
        await using SqliteBackend there = SqliteBackend.Open(path, time);
        Directory.Delete(path + "-bell", recursive: true);
        await using IWorkSignal signal = await here.Broker.ListenAsync(["q"], Stop);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();
        OutgoingMessage message = new() { Envelope = new byte[1], TaskId = "t", TaskName = "t", Queue = "q" };
        await there.Broker.PublishAsync(Outgoing.Of(message), Stop);
        Assert.False(waiting.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(8));

        await waiting.WaitAsync(Patience, Stop);
    }
}
