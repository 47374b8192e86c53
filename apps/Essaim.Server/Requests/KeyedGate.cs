namespace Essaim.Server;

/// <summary>One at a time for each key; different keys do not wait for each other.</summary>
internal sealed class KeyedGate
{
    private readonly Dictionary<string, (SemaphoreSlim Place, int Users)> _gates = new(StringComparer.Ordinal);

    public async ValueTask<IDisposable> EnterAsync(string key, CancellationToken cancellationToken)
    {
        SemaphoreSlim place;
        lock (_gates)
        {
            (SemaphoreSlim? existing, int users) = _gates.GetValueOrDefault(key);
            place = existing ?? new SemaphoreSlim(1);
            _gates[key] = (place, users + 1);
        }

        try
        {
            await place.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(key);
            throw;
        }

        return new Pass(this, key, place);
    }

    private void Leave(string key)
    {
        lock (_gates)
        {
            (SemaphoreSlim place, int users) = _gates[key];
            if (users > 1)
                _gates[key] = (place, users - 1);
            else
                _gates.Remove(key);
        }
    }

    private sealed class Pass(KeyedGate owner, string key, SemaphoreSlim place) : IDisposable
    {
        public void Dispose()
        {
            place.Release();
            owner.Leave(key);
        }
    }
}
