using System.Diagnostics;
using System.Text;

namespace Essaim.Redis.Tests;

/// <summary>A script run by the Python that has Celery.</summary>
internal sealed class Python : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private Python(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static Python Start(string script, params string[] arguments)
    {
        ProcessStartInfo start = new("/usr/bin/python3") { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        foreach (string argument in (string[])["-u", "-c", script, .. arguments])
            start.ArgumentList.Add(argument);
        return new Python(Process.Start(start)!);
    }

    /// <summary>The next line it prints.</summary>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        string? line = await _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        return line ?? throw new InvalidOperationException($"Python ended early. {await _errors}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _errors;
        _process.Dispose();
    }
}
