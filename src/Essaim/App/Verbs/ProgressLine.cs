using Spectre.Console;

namespace Essaim;

/// <summary>A task's state and progress on one line of the terminal, while it runs.</summary>
internal static class ProgressLine
{
    public static Task ShowAsync(TaskHandle handle, CancellationToken cancellationToken)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                ProgressTask line = progress.AddTask("waiting");
                line.IsIndeterminate = true;
                try
                {
                    await foreach (TaskUpdate update in handle.WatchAsync(cancellationToken))
                        Show(line, update);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    // The result is there, or nobody waits for it any more.
                }
            });
    }

    private static void Show(ProgressTask line, TaskUpdate update)
    {
        line.Description = Markup.Escape(update.Progress?.Text ?? update.State.Name.ToLowerInvariant());
        line.IsIndeterminate = update.Progress?.Fraction is null;
        line.Value = (update.Progress?.Fraction ?? 0) * line.MaxValue;
    }
}
