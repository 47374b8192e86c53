using Essaim.Testing;

namespace Essaim.Tests.Client;

public sealed class UniqueTests
{
    [TaskName("index.rebuild")]
    public sealed record Rebuild(string Index, bool Full = false) : ITaskArgs<int>;

    public sealed class RebuildHandler : ITaskHandler<Rebuild, int>
    {
        public Task<int> HandleAsync(Rebuild args, TaskContext context, CancellationToken stop) => Task.FromResult(1);
    }

    [Fact]
    public async Task UniqueKey_WhileHeld_GivesTheHoldersHandle_AndIsFreeAfterwards()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", () => 1));
        EnqueueOptions options = new() { UniqueKey = "k" };
        TaskHandle first = await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken);
        TaskHandle second = await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken);
        TaskHandle other = await host.Client.SendAsync("y", options: options, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((false, true, false), (first.WasDuplicate, second.WasDuplicate, other.WasDuplicate));
        Assert.Equal(first.Id, second.Id);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);
        TaskHandle third = await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(third.WasDuplicate);
        Assert.NotEqual(first.Id, third.Id);
    }

    [Fact]
    public async Task UniqueKey_OverARetry_StaysHeld()
    {
        await using TaskTestHost host = new(services => services.AddTask(
            "x", (TaskContext context) => context.Attempt == 1 ? throw new TimeoutException() : 1,
            task => task.RetryPolicy = new RetryPolicy { Delay = TimeSpan.FromSeconds(5), Jitter = false }));
        EnqueueOptions options = new() { UniqueKey = "k" };
        await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        Assert.True((await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
        Assert.Equal(1, await host.Worker.RunForAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        Assert.False((await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
    }

    [Fact]
    public async Task UniqueFor_WhenPast_FreesTheKey()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", () => 1));
        EnqueueOptions options = new() { UniqueKey = "k", UniqueFor = TimeSpan.FromMinutes(1) };
        await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken);

        host.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.False((await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
    }

    [Fact]
    public async Task UniqueTask_ByItsArguments_RefusesTheSameOnly()
    {
        await using TaskTestHost host = new(services => services.AddHandler<RebuildHandler>(task => task.Unique = true));

        Assert.False((await host.Client.EnqueueAsync(new Rebuild("a"), cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
        Assert.True((await host.Client.EnqueueAsync(new Rebuild("a"), cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
        Assert.False((await host.Client.EnqueueAsync(new Rebuild("b"), cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
    }

    [Fact]
    public async Task UniqueTask_ByAKey_HoldsForRecordsAndForNames()
    {
        await using TaskTestHost host = new(services => services.AddHandler<RebuildHandler>(
            task => task.UniqueBy<Rebuild>(args => args.Full ? args.Index : null)));

        Assert.False((await host.Client.EnqueueAsync(new Rebuild("a", true), cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
        Assert.True((await host.Client.SendAsync("index.rebuild", ["a", true], cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
        Assert.False((await host.Client.EnqueueAsync(new Rebuild("a"), cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
        Assert.False((await host.Client.EnqueueAsync(new Rebuild("a"), cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
    }

    [Fact]
    public async Task UniqueKey_OfARevokedTask_IsFree()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", () => 1));
        EnqueueOptions options = new() { UniqueKey = "k" };
        TaskHandle first = await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken);

        await first.RevokeAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.False((await host.Client.SendAsync("x", options: options, cancellationToken: TestContext.Current.CancellationToken)).WasDuplicate);
    }
}
