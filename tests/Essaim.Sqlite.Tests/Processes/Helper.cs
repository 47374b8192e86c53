using System.Diagnostics;

namespace Essaim.Sqlite.Tests.Processes;

/// <summary>This program again, as another process.</summary>
internal static class Helper
{
    public static Process Start(string mode, string path) => Start(Environment.ProcessPath!, mode, path);

    /// <summary>Runs a shell script in a mount namespace of its own, with <c>$helper</c> and <c>$folder</c> set. Null where the machine forbids it.</summary>
    public static async Task<string?> RunInNamespaceAsync(string folder, string script, CancellationToken stop)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/unshare"))
            return null;
        using Process process = Start("/usr/bin/unshare", "-rm", "sh", "-c", $"helper='{Environment.ProcessPath}'; folder='{folder}'; {script}");
        string output = await process.StandardOutput.ReadToEndAsync(stop);
        string errors = await process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        if (errors.Contains("unshare failed", StringComparison.Ordinal) || errors.Contains("permission denied", StringComparison.OrdinalIgnoreCase))
            return null;
        Assert.True(process.ExitCode == 0, errors + output);
        return output;
    }

    private static Process Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = program == "/usr/bin/unshare" };
        return Process.Start(start)!;
    }
}
