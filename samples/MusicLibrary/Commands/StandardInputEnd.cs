namespace MusicLibrary;

/// <summary>Tells a process that the one that started it closed its input, or is gone.</summary>
internal static class StandardInputEnd
{
    /// <summary>Cancels <paramref name="stop"/> when standard input ends.</summary>
    public static void Watch(CancellationTokenSource stop)
    {
        Thread reader = new(() =>
        {
            using Stream input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
                // Nobody says anything here; only the end counts.
            }

            stop.Cancel();
        })
        { IsBackground = true, Name = "standard input" };
        reader.Start();
    }
}
