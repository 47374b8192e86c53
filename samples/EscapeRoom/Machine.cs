using System.Diagnostics;

namespace EscapeRoom;

/// <summary>A process that stands for a machine: it can lose power, and is switched on again.</summary>
internal sealed class Machine(string name, string folder, string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> settings) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private Process? _process;
    private bool _isOff;
    private Task _log = Task.CompletedTask;

    public string Name { get; } = name;

    /// <summary>What it says.</summary>
    public string LogFile { get; } = Path.Combine(folder, name + ".log");

    /// <summary>By itself; not while its power is cut.</summary>
    public bool HasEnded => !_isOff && _process is { HasExited: true };

    public void SwitchOn()
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string key, string value) in settings)
            start.Environment[key] = value;
        _process = Process.Start(start) ?? throw new NightException($"{program} cannot be started.");
        _isOff = false;
        _log = Task.WhenAll(KeepAsync(_process.StandardOutput), KeepAsync(_process.StandardError));
    }

    /// <summary>The plug is pulled.</summary>
    public async Task LosePowerAsync()
    {
        _isOff = true;
        _process!.Kill();
        await EndAsync();
    }

    /// <summary>It is asked to end, and does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
        {
            using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            await kill.WaitForExitAsync();
        }

        using CancellationTokenSource limit = new(Patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        await EndAsync();
    }

    private async Task EndAsync()
    {
        await _process!.WaitForExitAsync();
        await _log;
        _process.Dispose();
        _process = null;
    }

    private async Task KeepAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            lock (LogFile)
                File.AppendAllText(LogFile, line + "\n");
        }
    }
}
