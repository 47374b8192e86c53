using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Essaim.Sandbox;

/// <summary>
/// Output folders of an exact size, held by the kernel: file systems in files, mounted for a run by its shim. An empty one of each size is kept and copied.
/// Only for root, who may mount; asked for with <c>ESSAIM_SANDBOX_DISK=image</c>.
/// </summary>
internal static partial class OutputDisk
{
    private const long Block = 4096;
    private static readonly string[] Hidden = ["/usr/sbin/", "/sbin/"];

    /// <summary>Tells the shim to mount one, where they are wanted.</summary>
    /// <exception cref="SandboxException"><c>ESS6001</c> none can be made.</exception>
    public static ShimSpec AddTo(ShimSpec spec, SandboxOptions options, RunLimits limits) =>
        options.DiskImages ? spec.Add("disk", Empty(options.Folder, limits)) : spec;

    /// <summary>The empty one of a size.</summary>
    private static string Empty(string folder, RunLimits limits)
    {
        string disks = Path.Combine(folder, "disks");
        string file = Path.Combine(disks, string.Create(CultureInfo.InvariantCulture, $"{limits.Output}-{limits.OutputFiles}.img"));
        if (File.Exists(file))
            return file;
        if (!Environment.IsPrivilegedProcess)
            throw new SandboxException("ESS6001", "Disk images for output folders need a worker that is root (ESSAIM_SANDBOX_DISK=image). Take the variable away: folders are then looked at.");
        Directory.CreateDirectory(disks, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string building = $"{file}.{Guid.NewGuid():N}";
        try
        {
            long wanted = (limits.Output + Block - 1) / Block;
            long inodes = limits.OutputFiles + 32L;
            using (FileStream image = new(building, FileMode.CreateNew, FileAccess.Write))
                image.SetLength((wanted + wanted / 32 + inodes / 16 + 1024) * Block);
            Run("mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", "-N", inodes.ToString(CultureInfo.InvariantCulture), "-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard,root_owner=0:0", building);
            // What is more than the limit is kept for root: nobody else gets at it.
            long free = long.Parse(FreeBlocks().Match(Run("dumpe2fs", "-h", building)).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            if (free > wanted)
                Run("tune2fs", "-r", (free - wanted).ToString(CultureInfo.InvariantCulture), building);
            File.Move(building, file, overwrite: true);
            return file;
        }
        finally
        {
            File.Delete(building);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        string? path = ToolChecks.Find(program) ?? Hidden.Select(folder => folder + program).FirstOrDefault(File.Exists);
        if (path is null)
            throw new SandboxException("ESS6001", $"{program} is not installed; disk images need it. On Debian: apt-get install e2fsprogs.");
        using Process process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new SandboxException("ESS6001", $"An empty disk image cannot be made: {errors.GetAwaiter().GetResult().Trim()}");
    }

    [GeneratedRegex(@"^Free blocks:\s+(\d+)", RegexOptions.Multiline)]
    private static partial Regex FreeBlocks();
}
