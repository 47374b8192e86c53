using System.Text.RegularExpressions;

namespace Essaim.Tests.Canvas;

public sealed class NewIdsTests
{
    [Fact]
    public async Task Next_ManyOnSeveralThreads_AreRandomUuidsAndNoneTwice()
    {
        Regex version4 = new("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");

        string[][] made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Select(_ => NewIds.Next()).ToArray())));

        string[] all = [.. made.SelectMany(ids => ids)];
        Assert.Equal(4000, all.Distinct().Count());
        Assert.All(all, id => Assert.Matches(version4, id));
    }
}
