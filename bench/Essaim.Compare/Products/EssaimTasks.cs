using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Essaim.Compare;

/// <summary>The tasks of the benchmark's own worker.</summary>
internal static class EssaimTasks
{
    public const string FolderVariable = "COMPARE_FOLDER";
    private static readonly Lazy<FileStream> File = new(() => new FileStream(
        Path.Combine(Environment.GetEnvironmentVariable(FolderVariable) ?? Path.GetTempPath(), $"latency-{Environment.ProcessId}"),
        FileMode.Append,
        FileAccess.Write,
        FileShare.ReadWrite,
        bufferSize: 0));

    public static void AddTo(EssaimAppBuilder app)
    {
        app.AddTask("bench.noop", (int x, int y) => { });
        app.AddTask("bench.stamp", (long sent) => Stamp(sent));
    }

    private static void Stamp(long sent)
    {
        // Stopwatch counts the nanoseconds of CLOCK_MONOTONIC here, as the clocks of the Python and JavaScript contenders do.
        byte[] line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetTimestamp() - sent}\n"));
        lock (File)
            File.Value.Write(line);
    }
}
