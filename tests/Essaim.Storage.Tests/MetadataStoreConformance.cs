using Essaim.Protocol;
using Essaim.Testing;

namespace Essaim.Storage.Tests;

/// <summary>What every metadata store does alike. A backend inherits it and says how it is opened.</summary>
public abstract partial class MetadataStoreConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private IMetadataStore? _store;

    private protected FakeTimeProvider Time { get; } = new(Start);

    private protected IMetadataStore Store => _store!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens the same data each time it is called within one test.</summary>
    private protected abstract ValueTask<IMetadataStore> OpenAsync();

    public virtual async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        _store = await OpenAsync();
    }

    private protected static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    private protected ValueTask<IReadOnlyList<string>> RecordAsync(params TaskChange[] changes) => Store.Tasks.RecordAsync(new HistoryBatch(changes, []), Stop);

    internal static TaskChange Submitted(string id, double seconds = 0, string name = "tasks.add", string queue = "celery") => new()
    {
        TaskId = id,
        At = At(seconds),
        SubmittedAt = At(seconds),
        State = TaskState.Pending,
        Name = name,
        Queue = queue,
        Args = "(2, 3)",
        Kwargs = "{}",
        Priority = 0,
        RootId = id,
    };

    private protected async Task<TaskRecord> GetAsync(string id) => (await Store.Tasks.GetAsync(TaskRecord.DefaultTenant, id, Stop))!;

    private protected ValueTask<IReadOnlyList<TaskEntry>> EntriesAsync(string id, long after = 0, int max = 10_000) =>
        Store.Tasks.GetEntriesAsync(TaskRecord.DefaultTenant, id, after, max, Stop);
}
