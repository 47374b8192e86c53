using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>What tasks of a program need of its workers beyond what all workers have.</summary>
internal interface IWorkerAddition
{
    /// <summary>Adds its options to a verb that starts a worker.</summary>
    void AddTo(Command command);

    /// <summary>Reads them, before the worker starts its first child, and begins what goes on beside it.</summary>
    /// <returns>Ends that; null where nothing was begun.</returns>
    IAsyncDisposable? Begin(CommandContext context, ILoggerFactory logging);
}
