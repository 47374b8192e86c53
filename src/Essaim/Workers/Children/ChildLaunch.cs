using System.Reflection;

namespace Essaim;

/// <summary>How a child process is started.</summary>
/// <param name="File">The program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Environment">Environment variables on top of the worker's own; null removes one.</param>
internal sealed record ChildLaunch(string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string?> Environment)
{
    /// <summary>The hidden verb that makes a program a child.</summary>
    public const string Verb = "child";

    /// <summary>This same program with the hidden verb.</summary>
    /// <param name="environment">Environment variables on top of the worker's own. Secrets go here: arguments are shown to every user.</param>
    public static ChildLaunch OfThisProgram(IReadOnlyDictionary<string, string?>? environment = null)
    {
        string file = System.Environment.ProcessPath ?? throw new InvalidOperationException("The operating system does not say which program this is.");
        // Run through "dotnet app.dll", the process is dotnet and the program its first argument.
        bool throughHost = Path.GetFileNameWithoutExtension(file) == "dotnet";
        string[] entry = throughHost && Assembly.GetEntryAssembly() is { } assembly ? [assembly.Location] : [];
        return new ChildLaunch(file, [.. entry, Verb], environment ?? new Dictionary<string, string?>());
    }
}
