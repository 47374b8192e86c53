namespace Essaim;

/// <summary>The queues this worker claims from; remote control adds and takes away. Safe on all threads.</summary>
/// <param name="names">At first.</param>
/// <param name="mayServe">False for a queue whose requirements this node does not meet: it is never served; null: it may serve all.</param>
internal sealed class ConsumedQueues(IReadOnlyList<string> names, Func<string, bool>? mayServe = null)
{
    private readonly Lock _gate = new();
    private volatile string[] _names = [.. names.Where(name => mayServe?.Invoke(name) != false)];
    private volatile string[] _derived = [];

    /// <summary>Called after a change.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>In their order; a list nobody changes any more.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>What is claimed from: <see cref="Names"/>, and the queues derived from them whose requirements this node meets.</summary>
    public IReadOnlyList<string> Claimed
    {
        get
        {
            string[] served = _names;
            return [.. served, .. _derived.Where(name => served.Contains(QueueNames.BaseOf(name)) && !served.Contains(name))];
        }
    }

    /// <summary>Called where a claim found nothing.</summary>
    public Action FoundNothing { get; set; } = () => { };

    /// <summary>The derived queues this node may serve, of whatever queues.</summary>
    public void SetDerived(IReadOnlyList<string> derived)
    {
        IReadOnlyList<string> before = Claimed;
        _derived = [.. derived.Order(StringComparer.Ordinal)];
        if (!before.SequenceEqual(Claimed))
            Changed();
    }

    /// <summary>Serves these from now on, and no others.</summary>
    public void Replace(IReadOnlyList<string> queues) => Change(names => names.SequenceEqual(queues) ? names : [.. queues]);

    public void Add(string queue) => Change(names => names.Contains(queue) ? names : [.. names, queue]);

    public void Remove(string queue) => Change(names => names.Contains(queue) ? [.. names.Where(name => name != queue)] : names);

    private void Change(Func<string[], string[]> change)
    {
        lock (_gate)
        {
            string[] before = _names;
            string[] after = change(before);
            if (after == before)
                return;
            _names = [.. after.Where(name => mayServe?.Invoke(name) != false)];
        }

        Changed();
    }
}
