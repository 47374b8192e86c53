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

    [Theory]
    [InlineData("celery@%h", "celery@HOST")]
    [InlineData("alone", "alone@HOST")]
    [InlineData("a@b", "a@b")]
    public void ExpandName_Pattern_BecomesANodeName(string pattern, string expected) =>
        Assert.Equal(expected.Replace("HOST", Environment.MachineName, StringComparison.Ordinal), WorkerNode.ExpandName(pattern));
}
