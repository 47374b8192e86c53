using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim;

/// <summary>
/// The main loop of a child process: runs what the worker hands over, one task at a time, until the channel ends. Then it kills
/// its process group, so that nothing a task has started stays behind, however the worker ended.
/// </summary>
internal static class ChildHost
{
    /// <summary>Exit code where the program was not started by a worker.</summary>
    public const int NotAChild = 2;

    /// <summary>
    /// Cuts this process off from the terminal and the worker's process group. Call it first in the program: until then a Ctrl-C
    /// in the terminal reaches the child too.
    /// </summary>
    public static void Detach()
    {
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable(ChildChannel.Variable) is not null)
            Posix.StartOwnGroup();
    }

    /// <summary>Runs until the worker closes the channel. Does not return where it did: the process group is killed.</summary>
    /// <param name="services">Has an <see cref="ITaskRunner"/>. Disposed before the end.</param>
    /// <param name="cancellationToken">Ends the child early.</param>
    /// <returns><see cref="NotAChild"/> where this process was not started by a worker.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        Detach();
        if (ChildChannel.Open() is not var (input, output))
        {
            await Console.Error.WriteLineAsync("The verb 'child' is for workers: they start it with a channel. Run the verb 'worker' instead.");
            return NotAChild;
        }

        // A service manager signals every process of the service; it is for the worker to say when its children end, by a frame.
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ignore);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ignore);
        using ChildLoop loop = new(input, output, services.GetRequiredService<ITaskRunner>());
        await loop.RunAsync(cancellationToken);
        if (services is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        Posix.KillOwnGroup();
        return 0;
    }

    private static void Ignore(PosixSignalContext signal) => signal.Cancel = true;
}
