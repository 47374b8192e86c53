using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Logs as single lines on stderr, as .NET's simple console does. Of its own, because that one brings a container, a configuration and a thread into
/// every worker. Safe on all threads.
/// </summary>
internal sealed class AppLogging : ILoggerFactory
{
    private readonly Lock _gate = new();
    private readonly Stream _target;
    private readonly bool _colours;
    private readonly LogLevel _least;
    private readonly TimeProvider _time;

    /// <param name="target">Where lines go.</param>
    /// <param name="least">The least level that is written; of .NET's own libraries it is at least a warning.</param>
    /// <param name="colours">Colours for a terminal.</param>
    /// <param name="time">Clock.</param>
    public AppLogging(Stream target, LogLevel least, bool colours, TimeProvider time) =>
        (_target, _least, _colours, _time) = (target, least, colours, time);

    public static ILoggerFactory Create(LogLevel level) =>
        new AppLogging(Console.OpenStandardError(), level, !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null, TimeProvider.System);

    public ILogger CreateLogger(string categoryName)
    {
        bool foreign = categoryName.StartsWith("Microsoft", StringComparison.Ordinal);
        return new LineLogger(this, categoryName, foreign && _least < LogLevel.Warning ? LogLevel.Warning : _least);
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("A worker's log goes to stderr alone.");

    public void Dispose()
    {
        // Standard error stays open for what is said last.
    }

    private void Write(LogLevel level, string category, EventId id, string message, Exception? error)
    {
        (string word, string colour) = level switch
        {
            LogLevel.Trace => ("trce", "\u001b[37m"),
            LogLevel.Debug => ("dbug", "\u001b[37m"),
            LogLevel.Information => ("info", "\u001b[32m"),
            LogLevel.Warning => ("warn", "\u001b[33m"),
            LogLevel.Error => ("fail", "\u001b[31m"),
            _ => ("crit", "\u001b[1;31m"),
        };
        if (_colours)
            word = $"{colour}{word}\u001b[0m";
        string text = error is null ? message : $"{message} {error}";
        string line = $"{_time.GetLocalNow():HH:mm:ss.fff} {word}: {category}[{id.Id}] {text.ReplaceLineEndings(" ")}\n";
        lock (_gate)
        {
            try
            {
                // One write, so that lines of several processes do not mix.
                _target.Write(System.Text.Encoding.UTF8.GetBytes(line));
            }
            catch (IOException)
            {
                // Whoever read it is gone; work goes on.
            }
        }
    }

    private sealed class LineLogger(AppLogging owner, string category, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                owner.Write(logLevel, category, eventId, formatter(state, exception), exception);
        }
    }
}
