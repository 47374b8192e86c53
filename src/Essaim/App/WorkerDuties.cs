using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>What goes on beside a worker, for as long as it runs.</summary>
internal sealed class WorkerDuties(IEnumerable<IWorkerAddition> additions, CommandContext context, ILoggerFactory logging) : IAsyncDisposable
{
    private readonly IAsyncDisposable[] _begun = [.. additions.Select(addition => addition.Begin(context, logging)).OfType<IAsyncDisposable>()];

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable duty in _begun)
            await duty.DisposeAsync();
    }
}
