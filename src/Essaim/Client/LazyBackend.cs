using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim;

/// <summary>A backend opened on first use, once; a failed opening is tried again by the next user.</summary>
internal sealed class LazyBackend(string url, TaskClientOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private volatile IBackend? _backend;
    private bool _disposed;

    public ValueTask<IBackend> GetAsync(CancellationToken cancellationToken) =>
        _backend is { } open ? ValueTask.FromResult(open) : OpenAsync(cancellationToken);

    private async ValueTask<IBackend> OpenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(TaskClient));
            return _backend ??= await Backend.OpenAsync(url, new BackendContext(options.Time ?? TimeProvider.System, options.Logging ?? NullLoggerFactory.Instance), cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            _disposed = true;
            if (_backend is { } open)
                await open.DisposeAsync();
        }
        finally
        {
            _gate.Release();
        }
    }
}
