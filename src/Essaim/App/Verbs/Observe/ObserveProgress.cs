using Spectre.Console;

namespace Essaim;

/// <summary>How much of the time is over, on one line of the terminal.</summary>
internal static class ObserveProgress
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public static Task ShowAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                ProgressTask line = progress.AddTask("listening", maxValue: Math.Max(length.TotalSeconds, 1));
                long start = TimeProvider.System.GetTimestamp();
                using PeriodicTimer timer = new(Pause, TimeProvider.System);
                try
                {
                    while (await timer.WaitForNextTickAsync(cancellationToken))
                        line.Value = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    line.Value = line.MaxValue;
                }
            });
    }
}
