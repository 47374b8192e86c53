using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Essaim.Interop.Tests.Migration;

/// <summary>The blocks of <c>docs/migrating-from-celery.md</c> and <c>docs/configuration.md</c>, so that what they say is what runs.</summary>
internal static partial class Guide
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Root(), "docs", "migrating-from-celery.md"));

    /// <summary>Python blocks: the settings, the route there, the route back.</summary>
    public static IReadOnlyList<string> Python { get; } = [.. PythonBlock().Matches(Text).Select(match => match.Groups[1].Value)];

    /// <summary>Celery's <c>broker_transport_options</c>, which are written so that they are JSON, too.</summary>
    public static string Transport { get; } = TransportOptions().Match(Text).Groups[1].Value;

    /// <summary>The query of Essaim's URL.</summary>
    public static string Query { get; } = UrlQuery().Match(Text).Groups[1].Value;

    /// <summary>The words of the worker's command line.</summary>
    public static string[] Worker { get; } = WorkerLine().Match(Text).Groups[1].Value.Split(' ');

    /// <summary>The words of Celery's command lines: ping, then cancel_consumer.</summary>
    public static IReadOnlyList<string[]> Celery { get; } = [.. CeleryLine().Matches(Text).Select(match => match.Groups[1].Value.Split(' '))];

    /// <summary>The lines with which a Celery app reads the fleet's configuration.</summary>
    public static string LoadConfig { get; } = PythonBlock().Match(File.ReadAllText(Path.Combine(Root(), "docs", "configuration.md"))).Groups[1].Value;

    private static string Root([CallerFilePath] string here = "")
    {
        string? folder = Path.GetDirectoryName(here);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Essaim.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No Essaim.slnx above {here}: run the tests where they were built.");
    }

    [GeneratedRegex(@"```python\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex PythonBlock();

    [GeneratedRegex(@"broker_transport_options = (\{.*\})")]
    private static partial Regex TransportOptions();

    [GeneratedRegex(@"^redis://localhost:6379/0\?(\S+)$", RegexOptions.Multiline)]
    private static partial Regex UrlQuery();

    [GeneratedRegex(@"^dotnet run --project samples/Interop -- (worker .*)$", RegexOptions.Multiline)]
    private static partial Regex WorkerLine();

    [GeneratedRegex(@"^celery -A interop_app (.*)$", RegexOptions.Multiline)]
    private static partial Regex CeleryLine();
}
