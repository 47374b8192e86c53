using System.Text.Json;
using Essaim.Testing;

namespace Essaim.Tests.Workers;

public sealed class RevokedTasksTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RevokedTasks _revoked;

    public RevokedTasksTests() => _revoked = new RevokedTasks(_time);

    [Fact]
    public void Contains_AfterThreeHours_IsForgotten()
    {
        _revoked.Add(["a"]);
        _time.Advance(TimeSpan.FromHours(2));
        _revoked.Add(["b"]);

        Assert.True(_revoked.Contains(Script.Message("noop", id: "a")));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(_revoked.Contains(Script.Message("noop", id: "a")));
        Assert.Equal(["b"], _revoked.GetIds());
    }

    [Fact]
    public void Add_MoreThanAreKept_DropsTheOldest()
    {
        _revoked.Add(Enumerable.Range(0, RevokedTasks.Most + 1).Select(index => $"t{index}"));

        Assert.Equal(RevokedTasks.Most, _revoked.GetIds().Count);
        Assert.False(_revoked.Contains(Script.Message("noop", id: "t0")));
    }

    [Fact]
    public void Encode_TimesThatAreWholeSeconds_HaveADecimalPoint()
    {
        _revoked.Add(["a"]);

        Assert.Matches("""^\{"a":\[[0-9]+\.[0-9]+,"a"\]\}$""", _revoked.Encode().ToString());
    }

    [Fact]
    public void Merge_ForeignTimes_CountFromNowWhereTheyMakeNoSenseHere()
    {
        using JsonDocument theirs = JsonDocument.Parse("""{"a": [99999999999.5, "a"], "b": 1.5, "c": "odd"}""");

        Assert.Equal(["a", "b", "c"], _revoked.Merge(theirs.RootElement));

        _time.Advance(TimeSpan.FromHours(2.9));
        Assert.Equal(["a", "b", "c"], _revoked.GetIds());
        _time.Advance(TimeSpan.FromHours(0.2));
        Assert.Empty(_revoked.GetIds());
    }
}
