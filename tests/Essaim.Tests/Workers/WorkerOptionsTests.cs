namespace Essaim.Tests.Workers;

public sealed class WorkerOptionsTests
{
    [Fact]
    public void Check_SeveralMistakes_NamesThemAll()
    {
        WorkerOptions options = new() { Queues = [], MaxConcurrency = 2, MinConcurrency = 3, Lease = TimeSpan.FromSeconds(1), MaxTasks = 0, ClaimAgeLimit = TimeSpan.FromSeconds(5), Heartbeat = TimeSpan.FromSeconds(-1) };

        WorkerException mistakes = Assert.Throws<WorkerException>(() => WorkerOptionsValidator.Check(options));

        Assert.Equal("ESS3002", mistakes.Code);
        Assert.Equal(
            """
            The worker's settings are wrong:
              Queues is empty: name at least one queue, such as celery.
              MinConcurrency (3) is above MaxConcurrency (2); --autoscale takes the larger number first.
              Lease is 1 s: it must be at least 3 s.
              Heartbeat is below 0 s: it must be longer, or 0 s for none.
              ClaimAgeLimit is 5 s: it must be at least 10 s.
              MaxTasks is 0: it must be at least 1, or not set.
            """,
            mistakes.Message);
    }

    [Fact]
    public void Check_LimitsOfChildrenThatMakeNoSense_AreToldWithTheReason()
    {
        WorkerOptions options = new()
        {
            Pool = WorkerPool.Threads,
            MaxTasksPerChild = -1,
            KillGrace = TimeSpan.FromSeconds(-1),
            MaxMemoryPerChild = 2,
            MemoryLimitPerChild = 1,
            MinConcurrency = -1,
            TargetWait = TimeSpan.Zero,
            MemoryBudget = 0,
        };

        WorkerException mistakes = Assert.Throws<WorkerException>(() => WorkerOptionsValidator.Check(options));

        Assert.Equal(
            """
            The worker's settings are wrong:
              MinConcurrency is -1: it must be at least 0.
              TargetWait must be longer than 0 s.
              MemoryBudget must be more than nothing, or not set.
              MaxTasksPerChild is -1: it must be at least 1, or 0 for never, or not set.
              KillGrace is below 0 s: it must be longer, or 0 s for none.
              MaxMemoryPerChild is above MemoryLimitPerChild: a child would be killed before it is replaced.
              MaxMemoryPerChild and MemoryLimitPerChild need child processes: leave --pool threads out, or them.
            """,
            mistakes.Message);
    }

    [Theory]
    [InlineData("celery@%h", "celery@HOST")]
    [InlineData("alone", "alone@HOST")]
    [InlineData("a@b", "a@b")]
    public void ExpandName_Pattern_BecomesANodeName(string pattern, string expected) =>
        Assert.Equal(expected.Replace("HOST", Environment.MachineName, StringComparison.Ordinal), WorkerNode.ExpandName(pattern));
}
