using System.Text.RegularExpressions;

namespace Essaim.Tests.Client;

public sealed class TaskRoutesTests
{
    [Theory]
    [InlineData("video.encode", "media")]
    [InlineData("images.scale", "media")]
    [InlineData("my.video.encode", null)]
    public void Find_Expression_MatchesFromTheStart(string task, string? queue) =>
        Assert.Equal(queue, new TaskRoutes().Add(new Regex(@"(video|images)\..*"), "media").Find(task));

    private readonly TaskRoutes _routes = new TaskRoutes()
        .Add("metadata.*", "cpu").Add("*.slow", "slow").Add("metadata.extract", "fast").Add("v?.run", "one");

    [Theory]
    [InlineData("metadata.extract", "fast")]
    [InlineData("metadata.slow", "cpu")]
    [InlineData("scan.slow", "slow")]
    [InlineData("v1.run", "one")]
    [InlineData("v12.run", null)]
    [InlineData("Metadata.x", null)]
    public void Find_ExactThenPatternsInOrder(string task, string? queue) => Assert.Equal(queue, _routes.Find(task));
}
