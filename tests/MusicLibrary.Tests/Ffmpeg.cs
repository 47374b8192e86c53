using System.Diagnostics;

namespace MusicLibrary.Tests;

/// <summary>Real ffmpeg. Without it these tests are skipped by name, but for CI, where they fail.</summary>
public static class Ffmpeg
{
    public const string Missing = "ffmpeg is not installed here (on Debian: sudo apt-get install ffmpeg)";

    public static bool IsUsable => Environment.GetEnvironmentVariable("CI") == "true"
        || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "ffmpeg")));

    public static async Task RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
    }

    /// <summary>A short clip of a lavfi source, in the format its name ends with.</summary>
    public static async Task<string> MakeAsync(string path, string source, params string[] more)
    {
        await RunAsync(["-f", "lavfi", "-i", source, .. more, $"file:{path}"]);
        return path;
    }
}
