namespace Essaim;

/// <summary>The queues this worker claims from; remote control adds and takes away. Safe on all threads.</summary>
internal sealed class ConsumedQueues(IReadOnlyList<string> names)
{
    private readonly Lock _gate = new();
    private volatile string[] _names = [.. names];

    /// <summary>Called after a change.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>In their order; a list nobody changes any more.</summary>
    public IReadOnlyList<string> Names => _names;

    public void Add(string queue) => Change(names => names.Contains(queue) ? names : [.. names, queue]);

    public void Remove(string queue) => Change(names => names.Contains(queue) ? [.. names.Where(name => name != queue)] : names);

    private void Change(Func<string[], string[]> change)
    {
        lock (_gate)
        {
            string[] before = _names;
            _names = change(before);
            if (_names == before)
                return;
        }

        Changed();
    }
}
