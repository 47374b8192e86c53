using System.Diagnostics;

namespace Essaim.Server.Tests;

/// <summary>Prometheus's own checker. Without it these tests are skipped by name, but for CI, where they fail.</summary>
public static class Promtool
{
    public const string Missing = "promtool is not installed here (on Debian: sudo apt-get install prometheus)";

    public static bool IsUsable => Environment.GetEnvironmentVariable("CI") == "true"
        || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "promtool")));

    /// <summary>What it says; empty where it has nothing to say. Fails the test where it finds fault.</summary>
    public static async Task<string> RunAsync(string input, string folder, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(ServerHarness.Stop);
        Task<string> errors = process.StandardError.ReadToEndAsync(ServerHarness.Stop);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(ServerHarness.Stop);
        string said = await output + await errors;
        Assert.True(process.ExitCode == 0, $"promtool {string.Join(' ', arguments)}: {said}");
        return said;
    }
}
