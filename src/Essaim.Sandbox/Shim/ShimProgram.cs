using System.Diagnostics;

namespace Essaim.Sandbox;

/// <summary>Starts the shim. Nothing of this process is passed on: no environment, no open file, no place in its group.</summary>
internal static class ShimProgram
{
    /// <summary>Starts a run whose folder is ready.</summary>
    public static Process Start(Kit kit, string runFolder) => Process.Start(Describe(kit, ["run", runFolder], quiet: false))
        ?? throw new SandboxException("ESS6001", $"{kit.Shim} cannot be started.");

    /// <summary>Copies what is left in a folder a program could write to, and says what and what not.</summary>
    public static async Task<(IReadOnlyList<Artifact> Files, IReadOnlyList<SkippedEntry> Skipped)> CollectAsync(
        Kit kit, string from, string to, long uid, RunLimits limits, CancellationToken cancellationToken)
    {
        (int code, string text, string errors) = await RunAsync(
            kit, [.. (object[])["collect", from, to, uid, limits.OutputFiles, limits.Output]], cancellationToken);
        if (code != 0)
            throw new IOException($"What the run left cannot be collected: {errors.Trim()}");
        List<Artifact> files = [];
        List<SkippedEntry> skipped = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split('\t', 3);
            if (parts[0] == "F")
                files.Add(new Artifact(parts[2], long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), null));
            else
                skipped.Add(new SkippedEntry(parts[2], parts[1]));
        }

        return ([.. files.OrderBy(file => file.Path, StringComparer.Ordinal)], skipped);
    }

    /// <summary>Removes a folder with whatever is in it, however deep. False where something stays.</summary>
    public static async Task<bool> RemoveAsync(Kit kit, string folder, CancellationToken cancellationToken) =>
        (await RunAsync(kit, ["remove", folder], cancellationToken)).Code == 0;

    private static async Task<(int Code, string Output, string Errors)> RunAsync(Kit kit, object[] arguments, CancellationToken cancellationToken)
    {
        using Process process = Process.Start(Describe(kit, arguments, quiet: true)) ?? throw new IOException($"{kit.Shim} cannot be started.");
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, output, await errors);
    }

    private static ProcessStartInfo Describe(Kit kit, object[] arguments, bool quiet)
    {
        ProcessStartInfo start = new(kit.Shim)
        {
            RedirectStandardOutput = quiet,
            RedirectStandardError = quiet,
            WorkingDirectory = "/",
            StandardOutputEncoding = quiet ? System.Text.Encoding.UTF8 : null,
        };
        foreach (object argument in arguments)
            start.ArgumentList.Add(Convert.ToString(argument, System.Globalization.CultureInfo.InvariantCulture)!);
        // Read the environment before it is emptied: it is filled when it is first asked for.
        start.Environment.Clear();
        return start;
    }
}
