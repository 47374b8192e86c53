namespace MusicLibrary;

/// <summary>The data folder, read before the command line is: the broker's place, which every verb needs, depends on it.</summary>
internal static class DataFolder
{
    public static string From(IReadOnlyList<string> args)
    {
        for (int i = 0; i < args.Count; i++)
        {
            if (args[i] == "--data" && i + 1 < args.Count)
                return args[i + 1];
            if (args[i].StartsWith("--data=", StringComparison.Ordinal))
                return args[i]["--data=".Length..];
        }

        return Places.DefaultFolder;
    }
}
