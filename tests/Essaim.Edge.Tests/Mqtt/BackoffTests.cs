namespace Essaim.Edge.Tests;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(0.0, "0.05 0.1 0.2 0.4 0.8 1 1 1")]
    [InlineData(0.5, "0.1 0.2 0.4 0.8 1.6 2 2 2")]
    [InlineData(0.999999, "0.15 0.3 0.6 1.2 2.4 3 3 3")]
    public void Next_AfterAnother_GrowsToThreeSeconds(double chance, string expected) =>
        Assert.Equal(expected, Waits(chance, MqttReason.UnspecifiedError, 8));

    [Fact]
    public void Next_WrongCredentials_GrowsToThirtySeconds() =>
        Assert.Equal("0.15 0.3 0.6 1.2 2.4 4.8 9.6 19.2 30 30", Waits(0.999999, MqttReason.BadUserNameOrPassword, 10));

    [Fact]
    public void Next_AfterAYear_StillThirtySeconds()
    {
        MqttBackoff backoff = new(new Fixed(0.999999));
        TimeSpan last = default;
        for (int i = 0; i < 1_000_000; i++)
            last = backoff.Next(MqttReason.NotAuthorized, TimeSpan.Zero);

        Assert.InRange(last.TotalSeconds, 29.9, 30);
    }

    [Fact]
    public void Next_AfterAConnection_BeginsAnewOnlyIfItStood()
    {
        MqttBackoff backoff = new(new Fixed(0.5));
        for (int i = 0; i < 6; i++)
            backoff.Next(MqttReason.UnspecifiedError, TimeSpan.Zero);

        Assert.Equal(2, backoff.Next(MqttReason.SessionTakenOver, TimeSpan.FromSeconds(4.9)).TotalSeconds);
        Assert.Equal(0.1, backoff.Next(MqttReason.SessionTakenOver, TimeSpan.FromSeconds(5)).TotalSeconds);
    }

    private static string Waits(double chance, MqttReason reason, int count)
    {
        MqttBackoff backoff = new(new Fixed(chance));
        return string.Join(' ', Enumerable.Range(0, count).Select(_ => Math.Round(backoff.Next(reason, TimeSpan.Zero).TotalSeconds, 3).ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private sealed class Fixed(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
