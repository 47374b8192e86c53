namespace Essaim.Sqlite;

/// <summary>Hands items to one thread, which takes everything there is at once.</summary>
internal sealed class Mailbox<T>
{
    private readonly object _gate = new();
    private List<T> _items = [];
    private List<T> _spare = [];
    private bool _closed;
    private bool _asleep;

    /// <summary>Adds an item; false where the box is closed.</summary>
    public bool TryAdd(T item)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            _items.Add(item);
            if (_asleep)
                Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for items and takes all. The list is the taker's until it takes again; null after the last.</summary>
    public List<T>? TakeAll()
    {
        lock (_gate)
        {
            while (_items.Count == 0)
            {
                if (_closed)
                    return null;
                _asleep = true;
                Monitor.Wait(_gate);
                _asleep = false;
            }

            (_items, _spare) = (_spare, _items);
            _items.Clear();
            return _spare;
        }
    }
}
