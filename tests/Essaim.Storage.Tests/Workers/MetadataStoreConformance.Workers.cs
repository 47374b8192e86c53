using Essaim.Protocol;

namespace Essaim.Storage.Tests;

public abstract partial class MetadataStoreConformance
{
    private ValueTask<IReadOnlyList<string>> SeeAsync(params WorkerSighting[] sightings) => Store.Tasks.RecordAsync(new HistoryBatch([], sightings), Stop);

    [Fact]
    public async Task Sighting_LaterOnes_ReplaceWhatWasKnown()
    {
        await SeeAsync(new WorkerSighting("w@h", At(1), false, RawJson.Parse("""{"active":1}""")));
        await SeeAsync(new WorkerSighting("w@h", At(3), true, RawJson.Parse("""{"active":3}""")), new WorkerSighting("w@h", At(2), false, RawJson.Parse("""{"active":2}""")));
        await ReopenAsync();

        WorkerRecord worker = Assert.Single(await Store.Workers.ListAsync(At(0), Stop));
        Assert.Equal(new WorkerRecord("w@h", At(1), At(3), true, RawJson.Parse("""{"active":3}""")), worker);
    }

    [Fact]
    public async Task ListWorkers_Since_LeavesOutTheForgotten()
    {
        await SeeAsync(new WorkerSighting("old@h", At(1), false, RawJson.EmptyObject), new WorkerSighting("new@h", At(9), false, RawJson.EmptyObject));

        Assert.Equal("new@h", Assert.Single(await Store.Workers.ListAsync(At(5), Stop)).Node);
    }

    [Fact]
    public async Task Check_Working_SaysSo()
    {
        BackendHealth health = await Store.CheckAsync(Stop);

        Assert.True(health.Healthy, health.Detail);
    }
}
