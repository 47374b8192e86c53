using System.CommandLine;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>functions</c>: the functions of a running core.</summary>
internal sealed class FunctionsCommand : Command
{
    public FunctionsCommand()
        : base("functions", "Pushes, lists, runs and removes the functions of a running core.")
    {
        Add(new FunctionsPushCommand());
        Add(new FunctionsListCommand());
        Add(new FunctionsShowCommand());
        Add(new FunctionsVersionsCommand());
        Add(new FunctionsRunCommand());
        Add(new FunctionsRemoveCommand());
    }

    public static Argument<string> ReferenceArgument() => new("NAME[@VERSION]") { Description = "The function; with @, a version by the first digits of its id, at least 4" };

    /// <summary>The address of a version.</summary>
    /// <exception cref="FunctionException"><c>ESS6021</c>.</exception>
    public static string AddressOf(string reference)
    {
        FunctionReference parsed = FunctionReference.Parse(reference);
        return $"v1/functions/{parsed.Name}/versions/{parsed.Version ?? "latest"}";
    }

    /// <summary>What was found, a line each.</summary>
    public static IEnumerable<string> FindingsOf(JsonElement version)
    {
        string file = TaskText.Of(version, "file");
        foreach (JsonElement one in version.GetProperty("findings").EnumerateArray())
        {
            string place = string.Join(':', new[] { TaskText.Of(one, "file"), TaskText.Of(one, "line"), TaskText.Of(one, "column") }.Select((part, i) => part != "-" ? part : i == 0 ? file : null).Where(part => part is not null));
            string rule = TaskText.Of(one, "rule") is var known and not "-" ? known + " " : "";
            yield return $"{place}: {rule}({TaskText.Of(one, "severity")}): {TaskText.Of(one, "message")}";
        }

        JsonElement scan = version.GetProperty("scan");
        if (TaskText.Of(scan, "status") != "scanned")
            yield return $"not scanned: {TaskText.Of(scan, "reason")}";
    }
}
