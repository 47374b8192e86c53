using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Essaim.Compare;

/// <summary>The times that tasks write down, one file a process, one line of nanoseconds a task.</summary>
internal sealed class StampFiles(string folder, SideProgram worker)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Dictionary<string, long> _read = [];

    /// <summary>Waits for so many lines that were not read before. Milliseconds.</summary>
    public async Task<List<double>> ReadAsync(int count, CancellationToken cancellationToken)
    {
        List<double> values = [];
        long lastMove = Stopwatch.GetTimestamp();
        while (values.Count < count)
        {
            worker.RequireRunning();
            int before = values.Count;
            foreach (string file in Directory.EnumerateFiles(folder, "latency-*"))
                ReadNew(file, values);
            if (values.Count > before)
                lastMove = Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(lastMove) > Patience)
                throw new InvalidOperationException($"{values.Count} of {count} tasks ran, and then none for {Patience.TotalSeconds} s. The worker said: {worker.Complaints}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }

        return values;
    }

    private void ReadNew(string file, List<double> values)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = _read.GetValueOrDefault(file);
        byte[] bytes = new byte[stream.Length - stream.Position];
        int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        int whole = bytes.AsSpan(0, count).LastIndexOf((byte)'\n') + 1;
        _read[file] = _read.GetValueOrDefault(file) + whole;
        values.AddRange(Encoding.ASCII.GetString(bytes, 0, whole)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => long.Parse(line, CultureInfo.InvariantCulture) / 1e6));
    }
}
