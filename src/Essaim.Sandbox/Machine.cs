namespace Essaim.Sandbox;

/// <summary>What a sandbox needs of the machine before there is one.</summary>
internal static class Machine
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode PassedBy = Own | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Makes the folder of runs. For root every user can pass through it, and none can list it.</summary>
    /// <exception cref="SandboxException"><c>ESS6001</c> it cannot be made, or runs could not reach it.</exception>
    public static void PrepareFolder(string folder)
    {
        try
        {
            bool others = Environment.IsPrivilegedProcess;
            foreach (string path in (string[])[folder, Path.Combine(folder, "runs"), Path.Combine(folder, "warm"), Path.Combine(folder, "slots")])
            {
                if (path.EndsWith("/slots", StringComparison.Ordinal))
                    Make(path, Own);
                else
                    MakePassable(path);
            }

            const UnixFileMode byOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
            if ((File.GetUnixFileMode(folder) & byOthers) != 0)
                throw new SandboxException("ESS6001", $"Others may write to {folder}, where the sandbox's own files lie. chmod go-w {folder}, or name another folder.");
            if (others && FirstClosed(folder) is { } closed)
            {
                throw new SandboxException(
                    "ESS6001", $"Runs have users of their own, and those cannot pass through {closed}. Choose a folder for sandboxes that everybody can pass through, or chmod o+x {closed}.");
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException("ESS6001", $"The folder for sandboxes {folder} cannot be made: {refused.Message} Check who owns it, or name another.", refused);
        }
    }

    /// <summary>Makes a folder that, for root, every user can pass through and none can list.</summary>
    internal static void MakePassable(string folder) => Make(folder, Environment.IsPrivilegedProcess ? PassedBy : Own);

    private static void Make(string folder, UnixFileMode mode)
    {
        bool isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        if (isNew)
            File.SetUnixFileMode(folder, mode);
    }

    internal static string? FirstClosed(string folder)
    {
        string? closed = null;
        for (string? path = Path.GetFullPath(folder); path is not null; path = Path.GetDirectoryName(path))
        {
            if ((File.GetUnixFileMode(path) & UnixFileMode.OtherExecute) == 0)
                closed = path;
        }

        return closed;
    }
}
