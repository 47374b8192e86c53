using System.Globalization;

namespace Essaim.Cli;

/// <summary>One <c>up</c> a folder: a file held open and locked as long as the process lives, however it ends.</summary>
internal sealed class DataFolderLock : IDisposable
{
    public const string FileName = "up.lock";

    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <exception cref="AppException"><c>ESS4011</c> another has it; <c>ESS4012</c> the folder cannot be written to.</exception>
    public static DataFolderLock Take(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            using (StreamWriter writer = new(file, leaveOpen: true))
                writer.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataFolderLock(file);
        }
        catch (IOException error) when (File.Exists(path) && CoreFile.Read(folder) is { } core)
        {
            throw new AppException(
                "ESS4011", $"Another 'essaim up' runs on the folder '{folder}': process {core.Pid}, at {core.Url}. Use that one, stop it, or give another folder with --data.", inner: error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(folder, error);
        }
    }

    public static AppException Unwritable(string folder, Exception error) => new(
        "ESS4012", $"The data folder '{folder}' cannot be written to: {error.Message} Check who owns it, or give another with --data.", inner: error);

    public void Dispose() => _file.Dispose();
}
