using System.Diagnostics;

namespace MusicLibrary;

/// <summary>
/// A worker process of this program's own, for as long as a scan runs: one for each data folder, however many scans use it. It
/// ends when its standard input closes, so that it does not outlive a scan that was killed.
/// </summary>
internal sealed class LocalWorker(string dataFolder, string brokerUrl) : IAsyncDisposable
{
    /// <summary>Set for a worker that belongs to a scan.</summary>
    public const string AttachedVariable = "MUSIC_LIBRARY_ATTACHED";

    private const int MaxStarts = 5;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private FileStream? _place;
    private Process? _process;
    private Task _log = Task.CompletedTask;
    private int _starts;

    public string LogFile { get; } = Path.Combine(dataFolder, "worker.log");

    /// <summary>Starts the worker where none of this folder runs; call it again from time to time.</summary>
    /// <exception cref="WorkerLostException">It ended again and again.</exception>
    public void Ensure()
    {
        if (_process is { HasExited: false })
            return;
        _place ??= TryTakePlace();
        if (_place is null)
            return;
        if (_starts++ == MaxStarts)
            throw new WorkerLostException(MaxStarts, LogFile);
        _process?.Dispose();
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { [AttachedVariable] = "1" },
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(LocalWorker).Assembly.Location);
        foreach (string argument in (string[])["worker", "--broker", brokerUrl])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _log = Task.WhenAll(KeepAsync(_process.StandardOutput), KeepAsync(_process.StandardError));
    }

    /// <summary>The worker ends what it does and goes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            using CancellationTokenSource limit = new(StopLimit);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // What it held is given back when its leases run out.
                _process.Kill(entireProcessTree: true);
            }

            await _log;
            _process.Dispose();
        }

        _place?.Dispose();
    }

    private FileStream? TryTakePlace()
    {
        try
        {
            return new FileStream(Path.Combine(dataFolder, "worker.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null; // Another scan's worker serves this folder.
        }
    }

    private async Task KeepAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (LogFile)
                File.AppendAllText(LogFile, line + "\n");
        }
    }
}
