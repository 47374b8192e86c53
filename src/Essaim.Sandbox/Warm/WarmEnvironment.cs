using System.Text.RegularExpressions;

namespace Essaim.Sandbox;

/// <summary>What a warm sandbox has loaded before it knows its run.</summary>
/// <param name="Name">As it is called in <c>--warm</c>.</param>
/// <param name="Modules">What is imported, beside what every run needs. What is not installed is passed over.</param>
internal sealed partial record WarmEnvironment(string Name, IReadOnlyList<string> Modules)
{
    public static WarmEnvironment Plain { get; } = new("python", []);

    public static WarmEnvironment Science { get; } = new("python-sci", ["numpy", "scipy.linalg", "scipy.optimize", "scipy.sparse", "scipy.integrate"]);

    public static IReadOnlyList<WarmEnvironment> All { get; } = [Plain, Science];

    /// <summary>The one that helps this run: whoever imports numpy or scipy wants them loaded. A guess, about time only.</summary>
    public static WarmEnvironment Of(RunRequest request)
    {
        string text = request.IsArchive ? "" : System.Text.Encoding.Latin1.GetString(request.Source.Span);
        return request.IsArchive || Scientific().IsMatch(text) ? Science : Plain;
    }

    [GeneratedRegex(@"^[ \t]*(import|from)[ \t][^#\n]*\b(numpy|scipy)\b", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Scientific();
}
