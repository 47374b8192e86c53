using Essaim.Protocol;

namespace Essaim.Tests.Retries;

public sealed class RetryPolicyTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 4)]
    [InlineData(2, 8)]
    [InlineData(3, 10)]
    [InlineData(1000, 10)]
    public void GetDelay_Exponential_DoublesUpToTheCap(int retries, int seconds)
    {
        RetryPolicy policy = new() { Delay = TimeSpan.FromSeconds(2), MaxDelay = TimeSpan.FromSeconds(10), Jitter = false };

        Assert.Equal(TimeSpan.FromSeconds(seconds), policy.GetDelay(retries, new Random(1)));
    }

    [Fact]
    public void GetDelay_Constant_StaysTheSame()
    {
        RetryPolicy policy = new() { Delay = TimeSpan.FromSeconds(2), BackOff = BackOff.Constant, Jitter = false };

        Assert.Equal(TimeSpan.FromSeconds(2), policy.GetDelay(7, new Random(1)));
    }

    [Fact]
    public void GetDelay_WithJitter_LiesBetweenHalfAndWhole()
    {
        RetryPolicy policy = new() { Delay = TimeSpan.FromSeconds(8), BackOff = BackOff.Constant };
        Random random = new(1);
        TimeSpan[] delays = [.. Enumerable.Range(0, 1000).Select(_ => policy.GetDelay(0, random))];

        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8)));
        Assert.InRange(delays.Average(delay => delay.TotalSeconds), 5.8, 6.2);
    }

    [Fact]
    public void Covers_ByType_CountsDerivedTypes_AndExceptIsStronger()
    {
        RetryPolicy policy = new RetryPolicy().On<IOException>().On<TimeoutException>().Except<FileNotFoundException>();

        Assert.True(policy.Covers(new TimeoutException()));
        Assert.True(policy.Covers(new EndOfStreamException()));
        Assert.False(policy.Covers(new FileNotFoundException()));
        Assert.False(policy.Covers(new InvalidOperationException()));
        Assert.True(new RetryPolicy().Covers(new InvalidOperationException()));
    }

    [Fact]
    public void Header_ThereAndBack_IsTheSame()
    {
        RetryPolicy policy = new RetryPolicy { MaxRetries = 9, Delay = TimeSpan.FromSeconds(1.5), BackOff = BackOff.Constant, Jitter = false }.On<IOException>();

        RawJson header = RetryPolicyJson.Write(policy);
        RetryPolicy read = RetryPolicyJson.Read(header)!;

        Assert.Equal(
            """{"max":9,"delay":1.5,"exponential":false,"cap":600,"jitter":false,"on":["System.IO.IOException"],"except":[]}""", header.ToString());
        Assert.Equal(policy with { RetryOn = [], DoNotRetryOn = [] }, read with { RetryOn = [], DoNotRetryOn = [] }, Same);
        Assert.Equal(policy.RetryOn, read.RetryOn);
    }

    [Theory]
    [InlineData("17")]
    [InlineData("null")]
    [InlineData("""{"max": -1}""")]
    [InlineData("""{"max": 1, "delay": 1e300}""")]
    public void Header_OfAStranger_CountsAsNone(string json) => Assert.Null(RetryPolicyJson.Read(RawJson.Parse(json)));

    private static bool Same(RetryPolicy left, RetryPolicy right) =>
        (left.MaxRetries, left.Delay, left.BackOff, left.MaxDelay, left.Jitter) == (right.MaxRetries, right.Delay, right.BackOff, right.MaxDelay, right.Jitter);
}
