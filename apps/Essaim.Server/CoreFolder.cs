namespace Essaim.Server;

/// <summary>The folder of the core's own files.</summary>
internal sealed record CoreFolder(string Path)
{
    /// <summary>Makes the folder (for this user only) where it does not exist, and sees whether it can be written to.</summary>
    /// <exception cref="ServerException"><c>ESS5004</c>.</exception>
    public static CoreFolder Open(string path)
    {
        string folder = System.IO.Path.GetFullPath(path);
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            string probe = System.IO.Path.Combine(folder, System.IO.Path.GetRandomFileName());
            new FileStream(probe, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose }).Dispose();
            return new CoreFolder(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ServerException(
                "ESS5004", $"The data folder '{folder}' cannot be written to ({error.Message}). Check who owns it, or choose another with --data.", error);
        }
    }
}
