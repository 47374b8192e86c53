namespace Essaim.Tests.Queues;

public sealed class QueueDefinitionTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("scan@gpu")]
    public void Name_NotOne_IsRefused(string name) =>
        Assert.StartsWith($"'{name}' is not a queue's name. Give a name without '@'.", Assert.Throws<ArgumentException>(() => new QueueDefinition(name)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("fast")]
    [InlineData("10/d")]
    [InlineData("0/s")]
    [InlineData("")]
    public void Rate_NotOne_IsRefused(string rate) => Assert.StartsWith(
        $"'{rate}' is not a rate limit. Write 10/s, 5/m, 1/h, or a number a second.",
        Assert.Throws<ArgumentException>(() => new QueueDefinition("q") { Rate = rate }).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("100/m", 2)]
    [InlineData("10/s", 10)]
    [InlineData("1/h", 1)]
    public void Rate_Burst_IsThatOfOneSecond(string rate, int burst) =>
        Assert.Equal(burst, new QueueDefinition("q") { Rate = rate }.Limits!.Rate!.Value.Burst);

    [Fact]
    public void Concurrency_BelowOne_IsRefused() =>
        Assert.StartsWith("Concurrency must be at least 1, or not set.", Assert.Throws<ArgumentOutOfRangeException>(() => new QueueDefinition("q") { Concurrency = 0 }).Message, StringComparison.Ordinal);

    [Fact]
    public void Limits_KeyedRate_IsNotTheBrokersForTheQueue()
    {
        QueueDefinition keyed = new("q") { Rate = "1/s", RateKey = "url|host" };

        Assert.Null(keyed.Limits);
        Assert.Equal(1, keyed.KeyedRate!.Value.PerSecond);
    }

    [Fact]
    public void Registry_DerivedQueue_HasTheDefinitionOfItsBase()
    {
        QueueRegistry registry = new([new QueueDefinition("scan") { Priority = QueuePriority.High }]);

        Assert.Equal(QueuePriority.High, registry.Find("scan@gpu,site=attic")!.Priority);
        Assert.Null(registry.Find("other"));
    }

    [Fact]
    public void Registry_DefinedTwice_IsRefused() => Assert.StartsWith(
        "The queue 'scan' is defined twice. Define each queue once.",
        Assert.Throws<ArgumentException>(() => new QueueRegistry([new QueueDefinition("scan"), new QueueDefinition("scan")])).Message, StringComparison.Ordinal);
}
