using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Essaim.Sandbox.Tests;

/// <summary>Programs tests start, and the source tree they were built from.</summary>
internal static class Tool
{
    public static string Sources { get; } = Path.GetFullPath(Path.Combine(Here(), "../../../src/Essaim.Sandbox"));

    public static async Task<(int Code, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
