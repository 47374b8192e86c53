using System.CommandLine.Parsing;

namespace Essaim;

/// <summary>The words that lead to a command, without the program's name.</summary>
internal static class CommandPath
{
    public static IEnumerable<string> Of(CommandResult command) =>
        command.Parent is CommandResult parent ? [.. Of(parent), command.Command.Name] : [];
}
