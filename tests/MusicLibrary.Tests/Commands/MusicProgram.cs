using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MusicLibrary.Tests.Commands;

/// <summary>The real program, in processes of its own.</summary>
internal static class MusicProgram
{
    public static async Task<ProgramEnd> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        return await EndAsync(process);
    }

    public static Process Start(IEnumerable<string> arguments, string? path = null)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "MusicLibrary"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The runtime these tests run on, so that a test may take PATH away.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        start.Environment.Remove("ESSAIM_BROKER");
        if (path is not null)
            start.Environment["PATH"] = path;
        return Process.Start(start)!;
    }

    public static async Task<ProgramEnd> EndAsync(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ProgramEnd(process.ExitCode, await output, await errors);
    }

    /// <summary>Scans to the end and reads the report.</summary>
    public static async Task<ScanReport> ScanAsync(string folder, string data, params string[] more)
    {
        ProgramEnd end = await RunAsync(["scan", folder, "--data", data, "--format", "json", .. more]);
        Assert.True(end.ExitCode == 0, $"{end.ExitCode}: {end.Errors}{end.Output}{WorkerLog(data)}");
        return JsonSerializer.Deserialize<ScanReport>(end.Output, Essaim.EssaimJson.Options)!;
    }

    private static string WorkerLog(string data)
    {
        string log = Path.Combine(data, "worker.log");
        return File.Exists(log) ? File.ReadAllText(log) : "";
    }
}

internal sealed record ProgramEnd(int ExitCode, string Output, string Errors);
