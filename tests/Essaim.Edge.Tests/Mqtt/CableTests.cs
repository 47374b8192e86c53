namespace Essaim.Edge.Tests;

/// <summary>A broker behind a cable that is pulled.</summary>
public sealed class CableTests
{
    [BrokerFact]
    public async Task Run_CableOutForALittle_NobodyNotices()
    {
        Assert.SkipUnless(Cable.IsUsable, "Network namespaces need root.");
        await using Cable cable = await Cable.MakeAsync();
        await using Mosquitto broker = await Mosquitto.StartInAsync(cable.Namespace, cable.Address);
        await using RunningClient client = await RunningClient.ConnectAsync(broker.Options("a"));
        await client.SubscribeAsync("t");

        await cable.PullAsync();
        Task<MqttReason> published = client.PublishAsync("t", "through").AsTask();
        // Real time, as it is the kernel that repeats what the cable lost.
        await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(published.IsCompleted);
        await cable.PlugAsync();

        Assert.Equal(MqttReason.Success, await published);
        Assert.Equal("t through", await client.Told.LineAsync());
        Assert.False(client.Told.HasEnd);
    }

    [BrokerFact]
    public async Task Run_CableOutForLong_IsNoticedAndTheConnectionMadeAnew()
    {
        Assert.SkipUnless(Cable.IsUsable, "Network namespaces need root.");
        await using Cable cable = await Cable.MakeAsync();
        await using Mosquitto broker = await Mosquitto.StartInAsync(cable.Namespace, cable.Address);
        await using RunningClient client = await RunningClient.ConnectAsync(broker.Options("a") with { KeepAlive = TimeSpan.FromSeconds(2) });

        await cable.PullAsync();

        MqttEnd end = await client.Told.EndAsync();
        Assert.Equal((true, MqttReason.KeepAliveTimeout), (end.WasConnected, end.Reason));
        await cable.PlugAsync();
        await client.Told.ConnectedAsync();
    }
}
