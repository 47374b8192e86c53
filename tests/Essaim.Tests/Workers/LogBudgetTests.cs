using Essaim.Testing;

namespace Essaim.Tests.Workers;

public sealed class LogBudgetTests
{
    [Fact]
    public void TryPass_MoreThanTheBurst_DropsAndTellsHowManyWithTheNext()
    {
        FakeTimeProvider time = new();
        LogBudget budget = new(time);
        string line = new('x', 1024);
        for (int passed = 0; passed < 64; passed++)
            Assert.True(budget.TryPass(line, out _));

        Assert.False(budget.TryPass(line, out _));
        Assert.False(budget.TryPass(line, out _));
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(budget.TryPass(line, out long dropped));
        Assert.Equal(2, dropped);
        Assert.Equal(0, budget.TakeDropped());
    }
}
