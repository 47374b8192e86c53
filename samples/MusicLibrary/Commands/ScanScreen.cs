using System.Globalization;
using Essaim;

namespace MusicLibrary;

/// <summary>Shows a running scan on stderr: two lines that change on a terminal, now and then a plain line elsewhere.</summary>
internal sealed class ScanScreen(CommandOutput output, TimeProvider time)
{
    private const int BarWidth = 30;
    private static readonly TimeSpan PlainEvery = TimeSpan.FromSeconds(2);

    private readonly long _start = time.GetTimestamp();
    private TimeSpan _lastPlain;
    private string _lastText = "";
    private bool _drawn;

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    public void Show(ScanStatus status, IReadOnlyDictionary<string, long> depths)
    {
        long done = Math.Max(0, status.Found - status.Unfinished);
        string rate = (done / Math.Max(Elapsed.TotalSeconds, 0.001)).ToString("0.0", CultureInfo.InvariantCulture);
        string progress = $"{done}/{status.Found} files{(status.State == ScanRows.Walking ? " so far" : "")}, {rate} files/s";
        string queues = string.Join("  ", depths.Select(queue => $"{queue.Key} {queue.Value}"));
        if (output.IsWatched)
        {
            int filled = status.Found == 0 ? 0 : (int)(BarWidth * done / status.Found);
            string bar = new string('█', filled) + new string('░', BarWidth - filled);
            Console.Error.Write($"{(_drawn ? "\e[1A" : "")}\r\e[2K{Fit($"{bar} {progress}")}\n\e[2K{Fit(queues)}");
            _drawn = true;
        }
        else if (Elapsed - _lastPlain >= PlainEvery && $"{done} {queues}" != _lastText)
        {
            output.Say($"{progress}; {queues}");
            (_lastPlain, _lastText) = (Elapsed, $"{done} {queues}");
        }
    }

    /// <summary>Takes the changing lines away.</summary>
    public void Clear()
    {
        if (_drawn)
            Console.Error.Write("\e[1A\r\e[J");
        _drawn = false;
    }

    /// <summary>A line that wraps could not be overwritten.</summary>
    private static string Fit(string line)
    {
        int width = Console.WindowWidth > 0 ? Console.WindowWidth : 80;
        return line.Length < width ? line : line[..(width - 1)];
    }
}
