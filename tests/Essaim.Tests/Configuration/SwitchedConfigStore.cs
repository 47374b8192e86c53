namespace Essaim.Tests.Configuration;

/// <summary>A store whose server can go away, or fall silent.</summary>
internal sealed class SwitchedConfigStore(IConfigStore inner) : IConfigStore
{
    private CancellationTokenSource _gone = new();

    public bool IsAway => _gone.IsCancellationRequested;

    public void GoAway() => _gone.Cancel();

    public void ComeBack() => _gone = new CancellationTokenSource();

    public ValueTask<ConfigSnapshot?> ReadAsync(CancellationToken cancellationToken)
    {
        Require();
        return inner.ReadAsync(cancellationToken);
    }

    public ValueTask<ConfigSnapshot?> PublishAsync(ConfigDocument document, string? expectedVersion, CancellationToken cancellationToken)
    {
        Require();
        return inner.PublishAsync(document, expectedVersion, cancellationToken);
    }

    public ValueTask<IReadOnlyList<ConfigSnapshot>> GetHistoryAsync(CancellationToken cancellationToken)
    {
        Require();
        return inner.GetHistoryAsync(cancellationToken);
    }

    public async IAsyncEnumerable<ConfigSnapshot> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Require();
        CancellationToken gone = _gone.Token;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, gone);
        await using IAsyncEnumerator<ConfigSnapshot> watch = inner.WatchAsync(either.Token).GetAsyncEnumerator(either.Token);
        while (await NextAsync(watch, gone))
            yield return watch.Current;
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<ConfigSnapshot> watch, CancellationToken gone)
    {
        try
        {
            return await watch.MoveNextAsync();
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            throw new BackendException("ESS2111", "The server is away.");
        }
    }

    private void Require()
    {
        if (IsAway)
            throw new BackendException("ESS2111", "The server is away.");
    }
}
