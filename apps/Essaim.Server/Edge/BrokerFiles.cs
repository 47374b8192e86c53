using System.Globalization;
using System.Runtime.InteropServices;
using Essaim.Edge;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>Keeps Mosquitto's password file and access list as the registry of devices has it, and tells the broker when they changed.</summary>
internal sealed partial class BrokerFiles(EdgeOptions options, CoreFolder core, IMetadataStore store) : IDisposable
{
    private const int HangUp = 1;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;
    private readonly SemaphoreSlim _gate = new(1);

    public string Folder { get; } = Path.GetFullPath(options.BrokerFolder ?? Path.Combine(core.Path, "mosquitto"));

    /// <summary>The core's own password, made at the first start.</summary>
    public string Password()
    {
        MakeFolder();
        string path = Path.Combine(Folder, "core.password");
        if (!File.Exists(path))
            Replace(path, MosquittoFiles.NewPassword());
        return File.ReadAllText(path).Trim();
    }

    /// <summary>Writes both files anew, and tells the broker.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            string own = Password();
            IReadOnlyList<DeviceRecord> devices = await store.Edge.ListDevicesAsync(cancellationToken);
            IEnumerable<(string User, string Hash)> users = devices.Select(device => (device.Id, device.PasswordHash)).Prepend((MosquittoFiles.CoreUser, MosquittoFiles.Hash(own)));
            Replace(Path.Combine(Folder, "passwords"), MosquittoFiles.Passwords(users));
            Replace(Path.Combine(Folder, "rights"), MosquittoFiles.Rights());
            Tell();
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private void Tell()
    {
        if (options.BrokerPidFile is not { } file || !OperatingSystem.IsLinux() || !File.Exists(file))
            return;
        if (int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int process) && process > 1)
            _ = kill(process, HangUp);
    }

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Folder);
        else
            Directory.CreateDirectory(Folder, PrivateFolder);
    }

    /// <summary>The broker must never read half a file.</summary>
    private static void Replace(string path, string content)
    {
        FileStreamOptions private_ = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            private_.UnixCreateMode = Private;
        using (FileStream file = new(path + ".new", private_))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(content));
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
