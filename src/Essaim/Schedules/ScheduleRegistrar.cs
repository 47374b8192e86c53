namespace Essaim;

/// <summary>Writes schedules to the store: what a program declares, and what people add, pause and resume.</summary>
internal sealed class ScheduleRegistrar(IScheduleStore store, TimeProvider time)
{
    /// <summary>Declares a program's schedules. One that is already there with the same definition keeps its progress, and stays paused if it is.</summary>
    public async ValueTask DeclareAsync(IReadOnlyDictionary<string, ScheduleDefinition> schedules, CancellationToken cancellationToken)
    {
        if (schedules.Count == 0)
            return;
        Dictionary<string, ScheduleRecord> stored = (await store.ListAsync(cancellationToken)).ToDictionary(record => record.Name);
        foreach ((string name, ScheduleDefinition definition) in schedules)
        {
            if (!stored.TryGetValue(name, out ScheduleRecord? record) || !IsSame(record, definition))
                await AddAsync(name, definition, cancellationToken);
        }
    }

    /// <summary>Adds a schedule, or changes the one of this name.</summary>
    public async ValueTask<ScheduleRecord> AddAsync(string name, ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        ScheduleRecord record = new(name, ScheduleJson.Write(definition), Enabled: true, definition.Next(now, now));
        await store.PutAsync(record, cancellationToken);
        return record;
    }

    /// <summary>Pauses a schedule. False where there is none.</summary>
    public async ValueTask<bool> PauseAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } record)
            return false;
        await store.PutAsync(record with { Enabled = false }, cancellationToken);
        return true;
    }

    /// <summary>Resumes a schedule; what it would have fired while paused is not caught up. False where there is none.</summary>
    public async ValueTask<bool> ResumeAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } record)
            return false;
        if (record.Enabled)
            return true;
        DateTimeOffset now = time.GetUtcNow();
        // A start instant makes the definition a new one, so that the store takes the next run over together with it.
        ScheduleDefinition definition = ScheduleJson.Read(name, record.Definition) with { StartsAt = now };
        await store.PutAsync(
            record with { Enabled = true, Definition = ScheduleJson.Write(definition), NextRun = definition.Next(now, now) }, cancellationToken);
        return true;
    }

    /// <summary>The schedule of this name, or null.</summary>
    public async ValueTask<ScheduleRecord?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await store.ListAsync(cancellationToken)).FirstOrDefault(record => record.Name == name);

    private static bool IsSame(ScheduleRecord record, ScheduleDefinition declared)
    {
        try
        {
            ScheduleDefinition stored = ScheduleJson.Read(record.Name, record.Definition);
            return ScheduleJson.Write(stored with { StartsAt = declared.StartsAt }) == ScheduleJson.Write(declared);
        }
        catch (ScheduleException)
        {
            return false;
        }
    }
}
