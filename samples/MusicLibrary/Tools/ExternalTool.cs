using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace MusicLibrary;

/// <summary>Runs ffmpeg or ffprobe, hands its output on as it comes, and keeps the last of what it complained about.</summary>
internal static class ExternalTool
{
    private const int KeptErrorText = 4096;

    /// <summary>Runs a tool to its end. Its output is read by <paramref name="read"/>, through a pipe, never whole in memory.</summary>
    /// <exception cref="ToolMissingException">It is not installed.</exception>
    /// <exception cref="UnusableFileException">It took longer than <paramref name="limit"/>.</exception>
    public static async Task<ToolResult<T>> RunAsync<T>(
        string tool, IReadOnlyList<string> arguments, TimeSpan limit, Func<Stream, CancellationToken, Task<T>> read, CancellationToken stop)
    {
        using CancellationTokenSource timed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timed.CancelAfter(limit);
        using Process process = Start(tool, arguments);
        try
        {
            Task<string> complaints = ReadLastAsync(process.StandardError, timed.Token);
            T output = await read(process.StandardOutput.BaseStream, timed.Token);
            string errors = await complaints;
            await process.WaitForExitAsync(timed.Token);
            return new ToolResult<T>(output, process.ExitCode, errors);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new UnusableFileException($"{tool} took longer than {limit.TotalSeconds:0} s", isTransient: true);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Whether the tool can be started at all.</summary>
    public static void Require(string tool)
    {
        using Process process = Start(tool, ["-version"]);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    }

    private static Process Start(string tool, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(tool, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        try
        {
            Process process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception error)
        {
            throw new ToolMissingException(tool, error);
        }
    }

    private static async Task<string> ReadLastAsync(StreamReader reader, CancellationToken stop)
    {
        StringBuilder kept = new();
        char[] buffer = new char[1024];
        for (int read; (read = await reader.ReadAsync(buffer, stop)) > 0;)
        {
            kept.Append(buffer, 0, read);
            if (kept.Length > KeptErrorText)
                kept.Remove(0, kept.Length - KeptErrorText);
        }

        return kept.ToString();
    }
}
