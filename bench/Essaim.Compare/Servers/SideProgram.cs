using System.Collections.Concurrent;
using System.Diagnostics;

namespace Essaim.Compare;

/// <summary>A program that runs beside this one, with what it says; killed with all it started when it is disposed.</summary>
internal sealed class SideProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly TaskCompletionSource<string?> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SideProgram(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines of its standard error.</summary>
    public string Complaints => string.Join('\n', _complaints);

    public static SideProgram Start(
        string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        ProcessStartInfo start = new(file, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder ?? "" };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{file} could not be started.");
        SideProgram program = new(process);
        process.ErrorDataReceived += (_, line) => program.Keep(line.Data);
        process.OutputDataReceived += (_, line) => program._firstLine.TrySetResult(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return program;
    }

    /// <summary>The first line on its standard output: what producers and proxies say.</summary>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken) =>
        await _firstLine.Task.WaitAsync(cancellationToken)
        ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} ended without a word. Its errors: {Complaints}");

    public void RequireRunning()
    {
        if (_process.HasExited)
            throw new InvalidOperationException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} ended with {_process.ExitCode}. Its errors: {Complaints}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        _complaints.Enqueue(line);
        while (_complaints.Count > 20)
            _complaints.TryDequeue(out _);
    }
}
