using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Essaim.Interop.Tests;

/// <summary>A process of a test's own: what it says is kept, and it ends with the test.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    public RunningProgram(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(name => name.StartsWith("INTEROP_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(inherited);
        start.Environment.Remove("ESSAIM_BROKER");
        // The runner sets it to nothing, which Celery's command line takes for a wrong value.
        start.Environment.Remove("NO_COLOR");
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public StreamWriter Input => _process.StandardInput;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>What it has said so far, for messages of failed tests.</summary>
    public string Log
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Treats what it writes to stdout as talk, too.</summary>
    public RunningProgram WithOutputAsTalk()
    {
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.BeginOutputReadLine();
        return this;
    }

    /// <summary>Waits until a line with this text was said.</summary>
    public async Task WaitForLineAsync(string text)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lines)
        {
            if (_lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
                return;
            _awaited.Add((text, seen));
        }

        Task ended = _process.WaitForExitAsync(CancellationToken.None);
        Task first = await Task.WhenAny(seen.Task, ended, Task.Delay(Patience, TimeProvider.System, CancellationToken.None));
        Assert.True(first == seen.Task || Log.Contains(text, StringComparison.Ordinal), $"'{text}' was not said. What was said:\n{Log}");
    }

    /// <summary>True once a line with this text was said; false where it ends before.</summary>
    public async Task<bool> SaysAsync(string text)
    {
        Task said = WaitForLineAsync(text);
        Task ended = _process.WaitForExitAsync(CancellationToken.None);
        await Task.WhenAny(said, ended);
        if (!_process.HasExited)
            await said;
        else
            await said.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return said.IsCompletedSuccessfully && !_process.HasExited;
    }

    /// <summary>As the kernel does it: no time to say good-bye, for the program and those it started.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (Process kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(CancellationToken.None);
        return await EndAsync();
    }

    /// <summary>Waits until it has ended by itself, and gives its exit code.</summary>
    public async Task<int> EndAsync()
    {
        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience, TimeProvider.System, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"It has not ended within {Patience}. What was said:\n{Log}");
        }

        return _process.ExitCode;
    }

    public bool HasExited => _process.HasExited;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _lines.Add(line);
            foreach ((string text, TaskCompletionSource seen) in _awaited)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    seen.TrySetResult();
            }
        }
    }
}
