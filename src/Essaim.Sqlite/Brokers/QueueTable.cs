namespace Essaim.Sqlite;

/// <summary>
/// Queue names, their numbers, and how many messages of each place a transaction added or took; the counts are written once, at its
/// end. Used by the writer thread alone.
/// </summary>
internal sealed class QueueTable(Database database)
{
    private readonly Dictionary<string, Row> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Row> _byId = [];
    private readonly List<Row> _touched = [];

    /// <summary>The queue, made where it is new.</summary>
    public Row Get(string name)
    {
        if (Find(name) is { } known)
            return known;
        database.Use("INSERT INTO queues (name) VALUES (?1)").Add(name).Run();
        return Find(name)!;
    }

    /// <summary>The queue, or null where it was never used.</summary>
    public Row? Find(string name)
    {
        if (_byName.TryGetValue(name, out Row? row))
            return row;
        long? id = database.Use("SELECT id FROM queues WHERE name = ?1").Add(name).ReadNumber();
        return id is null ? null : Add(new Row(id.Value, name));
    }

    public Row Get(long id)
    {
        if (_byId.TryGetValue(id, out Row? row))
            return row;
        Statement select = database.Use("SELECT name FROM queues WHERE id = ?1").Add(id);
        select.Step();
        string name = select.GetText(0);
        select.Restart();
        return Add(new Row(id, name));
    }

    /// <summary>A message came to a place, or left it.</summary>
    public void Count(Row queue, MessagePlace place, int change)
    {
        if (!queue.IsTouched)
        {
            queue.IsTouched = true;
            _touched.Add(queue);
        }

        queue.Changes[(int)place] += change;
    }

    public void WriteCounts()
    {
        foreach (Row row in _touched)
        {
            Statement update = database.Use(
                """
                UPDATE queues SET ready = ready + ?1, delayed = delayed + ?2, in_flight = in_flight + ?3, dead = dead + ?4 WHERE id = ?5
                """);
            foreach (long change in row.Changes)
                update.Add(change);
            update.Add(row.Id).Run();
            row.Reset();
        }

        _touched.Clear();
    }

    /// <summary>The transaction was rolled back: queues it made do not exist.</summary>
    public void Forget()
    {
        _touched.Clear();
        _byName.Clear();
        _byId.Clear();
    }

    private Row Add(Row row)
    {
        _byName.Add(row.Name, row);
        _byId.Add(row.Id, row);
        return row;
    }

    internal sealed class Row(long id, string name)
    {
        public long Id => id;

        public string Name => name;

        /// <summary>Token of the last message it gave to this process: equals are served in turn.</summary>
        public long LastServed { get; set; }

        public bool IsTouched { get; set; }

        /// <summary>By <see cref="MessagePlace"/>.</summary>
        public long[] Changes { get; } = new long[4];

        public void Reset()
        {
            IsTouched = false;
            Array.Clear(Changes);
        }
    }
}
