using Essaim.Testing;

namespace Essaim.Tests.Testing;

public sealed class TaskTestHostTests
{
    [TaskName("mail.send")]
    public sealed record SendMail(string To) : ITaskArgs;

    [TaskName("mail.log")]
    public sealed record LogMail(string To) : ITaskArgs;

    public sealed class Handler : ITaskHandler<SendMail>
    {
        public async Task HandleAsync(SendMail args, TaskContext context, CancellationToken stop) =>
            await context.Client.EnqueueAsync(new LogMail(args.To), cancellationToken: stop);
    }

    [Fact]
    public async Task Run_OfOneHandler_ShowsWhatItSent_AndRunsNothingElse()
    {
        await using TaskTestHost host = new(services => services.AddHandler<Handler>());

        TaskRun run = await host.RunAsync(new SendMail("ada"), stop: TestContext.Current.CancellationToken);

        Assert.Equal("mail.log", Assert.Single(run.Enqueued).Name);
        Assert.Equal(new LogMail("ada"), host.RequireEnqueued<LogMail>());
        Assert.Equal(new LogMail("ada"), host.RequireEnqueued<LogMail>(mail => mail.To == "ada"));
        host.RequireNotEnqueued<SendMail>();
    }

    [Fact]
    public async Task Require_WhatWasNotSent_ListsWhatWas()
    {
        await using TaskTestHost host = new(services => services.AddHandler<Handler>());
        EnqueuedAssertException nothing = Assert.Throws<EnqueuedAssertException>(() => host.RequireEnqueued<LogMail>());
        await host.Client.EnqueueAsync(new SendMail("ada"), cancellationToken: TestContext.Current.CancellationToken);

        EnqueuedAssertException other = Assert.Throws<EnqueuedAssertException>(() => host.RequireEnqueued<SendMail>(mail => mail.To == "bob"));
        EnqueuedAssertException unwanted = Assert.Throws<EnqueuedAssertException>(host.RequireNotEnqueued<SendMail>);

        Assert.Equal("One LogMail was to be sent, but 0 were. Sent were: none.", nothing.Message);
        Assert.Equal("One SendMail that fits was to be sent, but 0 were. Sent were: mail.send [] {\"to\":\"ada\"} to celery.", other.Message);
        Assert.Equal("No SendMail was to be sent, but 1 were. Sent were: mail.send [] {\"to\":\"ada\"} to celery.", unwanted.Message);
    }

    [Fact]
    public async Task GetResult_OfAFailedRun_SaysWhy()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", int () => throw new InvalidOperationException("no")));

        TaskRun run = await host.RunAsync("x", stop: TestContext.Current.CancellationToken);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => run.GetResult<int>());
        Assert.StartsWith("The task ended in FAILURE, not in SUCCESS: no" + Environment.NewLine, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunFor_RunsDelayedTasksAtTheirInstants_AndLeavesTheClockAtTheEnd()
    {
        List<TimeSpan> at = [];
        await using TaskTestHost host = new(services => services.AddTask("x", (TimeProvider time) => at.Add(time.GetUtcNow().TimeOfDay)));
        foreach (int minutes in (int[])[10, 3, 50])
            await host.Client.SendAsync("x", options: new EnqueueOptions { Countdown = TimeSpan.FromMinutes(minutes) }, cancellationToken: TestContext.Current.CancellationToken);

        int ran = await host.Worker.RunForAsync(TimeSpan.FromMinutes(30), TestContext.Current.CancellationToken);

        Assert.Equal(2, ran);
        Assert.Equal([TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(10)], at);
        Assert.Equal(TimeSpan.FromMinutes(30), host.Time.GetUtcNow().TimeOfDay);
    }

    [Fact]
    public async Task RunUntilIdle_OfATaskThatFeedsItself_GivesUp()
    {
        await using TaskTestHost host = new(services => services.AddTask(
            "again", (TaskContext context, CancellationToken stop) => context.Client.SendAsync("again", cancellationToken: stop)));
        await host.Client.SendAsync("again", cancellationToken: TestContext.Current.CancellationToken);

        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken));
        Assert.Equal("10000 tasks ran and more are ready. A task seems to send itself for ever.", error.Message);
    }
}
