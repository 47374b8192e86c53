using System.CommandLine;

namespace Essaim.Cli;

/// <summary>The option <c>--data</c>: the folder of <c>up</c>.</summary>
internal static class DataOption
{
    public static Option<string> Create() => new("--data") { HelpName = "FOLDER", Description = "Folder of the core's files", DefaultValueFactory = _ => ".essaim" };
}
