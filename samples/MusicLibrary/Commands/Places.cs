using System.CommandLine;
using Essaim;

namespace MusicLibrary;

/// <summary>Where the program keeps what it knows, by the options all its verbs share.</summary>
internal sealed class Places
{
    public const string DefaultFolder = ".essaim/music";

    public Option<string> Data { get; } = new("--data")
    {
        HelpName = "DIR",
        Description = $"Folder for the queue and, unless --library names another place, the library [default: {DefaultFolder}]",
    };

    public Option<string?> Library { get; } = new("--library") { HelpName = "FILE", Description = "The library database [default: library.db in the data folder]" };

    public string DataFolder(CommandContext context) => Path.GetFullPath(context.GetValue(Data) ?? DefaultFolder);

    public string LibraryFile(CommandContext context) =>
        Path.GetFullPath(context.GetValue(Library) ?? Path.Combine(DataFolder(context), "library.db"));
}
