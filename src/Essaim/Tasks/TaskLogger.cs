using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>A task's logger: to the host's log and, line by line, to whoever observes the task.</summary>
internal sealed class TaskLogger(ILogger host, IExecutionObserver observer) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => host.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None || host.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        host.Log(logLevel, eventId, state, exception, formatter);
        if (logLevel is LogLevel.None || !IsEnabled(logLevel))
            return;
        string level = NameOf(logLevel);
        foreach (ReadOnlySpan<char> line in formatter(state, exception).AsSpan().EnumerateLines())
            observer.OnLog(level, line.ToString());
        if (exception is null)
            return;
        foreach (ReadOnlySpan<char> line in exception.ToString().AsSpan().EnumerateLines())
            observer.OnLog(level, line.ToString());
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
