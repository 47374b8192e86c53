using System.Text;

namespace Essaim.Storage.Tests;

public abstract partial class MetadataStoreConformance
{
    private static RequestReservation Reservation(string hash = "h1", params string[] ids) =>
        new("default", "key", hash, ids.Length == 0 ? ["t1"] : ids, At(0), At(100));

    [Fact]
    public async Task Reserve_FirstAndSecond_TheSecondSeesTheFirst()
    {
        RequestRecord first = await Store.Requests.ReserveAsync(Reservation("h1", "a", "b"), Stop);
        await ReopenAsync();
        RequestRecord second = await Store.Requests.ReserveAsync(Reservation("h2", "c"), Stop);

        Assert.True(first.IsNew);
        Assert.False(second.IsNew);
        Assert.Equal("h1", second.RequestHash);
        Assert.Equal(["a", "b"], second.TaskIds);
        Assert.Null(second.Response);
    }

    [Fact]
    public async Task Reserve_ManyAtOnce_OneIsNew()
    {
        RequestRecord[] all = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Store.Requests.ReserveAsync(Reservation(), Stop).AsTask()));

        Assert.Single(all, record => record.IsNew);
    }

    [Fact]
    public async Task Complete_ThenReserve_GivesTheResponse()
    {
        await Store.Requests.ReserveAsync(Reservation(), Stop);
        await Store.Requests.CompleteAsync("default", "key", new RequestResponse(202, "/v1/tasks/t1", Encoding.UTF8.GetBytes("{}")), Stop);

        RequestResponse response = (await Store.Requests.ReserveAsync(Reservation(), Stop)).Response!;
        Assert.Equal(202, response.Status);
        Assert.Equal("/v1/tasks/t1", response.Location);
        Assert.Equal("{}", Encoding.UTF8.GetString(response.Body));
    }

    [Fact]
    public async Task Reserve_AfterRelease_IsNew()
    {
        await Store.Requests.ReserveAsync(Reservation(), Stop);
        await Store.Requests.ReleaseAsync("default", "key", Stop);

        Assert.True((await Store.Requests.ReserveAsync(Reservation("h2"), Stop)).IsNew);
    }

    [Fact]
    public async Task Reserve_AfterExpiryOrByAnotherTenant_IsNew()
    {
        await Store.Requests.ReserveAsync(Reservation(), Stop);

        Assert.True((await Store.Requests.ReserveAsync(Reservation() with { Tenant = "blue" }, Stop)).IsNew);
        Assert.True((await Store.Requests.ReserveAsync(Reservation("h2") with { Now = At(100), ExpiresAt = At(200) }, Stop)).IsNew);
    }

    [Fact]
    public async Task Prune_ExpiredKeys_Go()
    {
        await Store.Requests.ReserveAsync(Reservation(), Stop);

        Assert.Equal(0, await Store.Requests.PruneAsync(At(99), Stop));
        Assert.Equal(1, await Store.Requests.PruneAsync(At(100), Stop));
    }
}
