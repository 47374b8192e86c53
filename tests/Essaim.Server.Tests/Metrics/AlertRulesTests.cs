using System.Runtime.CompilerServices;

namespace Essaim.Server.Tests;

/// <summary>The example for Prometheus in <c>deploy/prometheus</c>.</summary>
public sealed class AlertRulesTests
{
    [Theory(Skip = Promtool.Missing, SkipUnless = nameof(Promtool.IsUsable), SkipType = typeof(Promtool))]
    [InlineData("check", "config", "--syntax-only", "prometheus.yml")]
    [InlineData("check", "rules", "essaim.rules.yml")]
    [InlineData("test", "rules", "essaim.rules.test.yml")]
    public async Task Example_PromtoolApproves(params string[] arguments) =>
        Assert.Contains("SUCCESS", await Promtool.RunAsync("", Folder(), arguments), StringComparison.Ordinal);

    [Fact]
    public async Task Rules_TheMetricsTheyNameExist()
    {
        using MemoryStream text = new();
        CoreMetrics metrics = new(withProcess: false);
        _ = (new QueueMetrics(metrics.Factory), new WorkerFleetMetrics(metrics.Factory), new ConfigMetrics(metrics.Factory));
        await metrics.WriteAsync(text, ServerHarness.Stop);
        string known = System.Text.Encoding.UTF8.GetString(text.ToArray());
        string rules = await File.ReadAllTextAsync(Path.Combine(Folder(), "essaim.rules.yml"), ServerHarness.Stop);

        string[] named = [.. System.Text.RegularExpressions.Regex.Matches(rules, @"\bessaim_\w+").Select(match => match.Value).Distinct().Order(StringComparer.Ordinal)];

        Assert.Equal(["essaim_config_followed", "essaim_queue_dead", "essaim_queue_oldest_seconds", "essaim_queue_paused", "essaim_worker_config_in_sync", "essaim_worker_up"], named);
        Assert.All(named, name => Assert.Contains($"# TYPE {name} gauge\n", known, StringComparison.Ordinal));
    }

    private static string Folder([CallerFilePath] string here = "")
    {
        string? folder = Path.GetDirectoryName(here);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Essaim.slnx")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new InvalidOperationException($"No Essaim.slnx above {here}: run the tests where they were built."), "deploy", "prometheus");
    }
}
