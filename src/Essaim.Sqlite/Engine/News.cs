namespace Essaim.Sqlite;

/// <summary>What a transaction changed that somebody may wait for. Filled by the writer thread alone.</summary>
internal sealed class News
{
    /// <summary>Queues in which something became ready or delayed.</summary>
    public HashSet<string> Queues { get; } = new(StringComparer.Ordinal);

    /// <summary>Tasks whose result changed.</summary>
    public List<string> Results { get; } = [];

    public bool Events { get; set; }

    public bool Control { get; set; }

    public bool Configuration { get; set; }

    public void Clear()
    {
        Queues.Clear();
        Results.Clear();
        Events = Control = Configuration = false;
    }
}
