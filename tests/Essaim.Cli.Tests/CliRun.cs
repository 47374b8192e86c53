using System.Diagnostics;
using System.Text;

namespace Essaim.Cli.Tests;

/// <summary>The real program as a process of its own.</summary>
internal sealed class CliRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly Task<string> _output;
    private readonly Task _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CliRun(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _reading = ReadErrorsAsync();
    }

    public int Id => _process.Id;

    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public static CliRun Start(string folder, params string[] args) => StartWith(folder, new Dictionary<string, string>(), args);

    /// <summary>The same, with some of its environment set.</summary>
    public static CliRun StartWith(string folder, IReadOnlyDictionary<string, string> environment, params string[] args)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "Essaim.Cli"), args)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("ESSAIM_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return new CliRun(process);
    }

    /// <summary>Runs a command line to its end.</summary>
    public static async Task<CliResult> RunAsync(string folder, params string[] args)
    {
        await using CliRun run = Start(folder, args);
        return await run.EndAsync();
    }

    public async Task WaitForErrorsAsync(string text)
    {
        using CancellationTokenSource limit = Limit();
        while (!Errors.Contains(text, StringComparison.Ordinal))
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (Errors.Contains(text, StringComparison.Ordinal))
                return;
            if (_reading.IsCompleted)
                throw new InvalidOperationException($"The program ended before it said '{text}'. It said: {Errors}");
            await changed.WaitAsync(limit.Token);
        }
    }

    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async Task<CliResult> EndAsync()
    {
        using CancellationTokenSource limit = Limit();
        await _process.WaitForExitAsync(limit.Token);
        await _reading;
        return new CliResult(_process.ExitCode, await _output, Errors);
    }

    public async ValueTask DisposeAsync()
    {
        // Not its whole tree: children end with it by themselves, and the sandboxes it left waiting may be another program's runs by now.
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static CancellationTokenSource Limit()
    {
        CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        return limit;
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
                _errors.Append(line).Append('\n');
            Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }

        Volatile.Read(ref _changed).TrySetResult();
    }
}

/// <summary>How a command line ended.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Errors);
